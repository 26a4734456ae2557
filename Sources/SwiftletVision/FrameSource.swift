import CShims
import SwiftletCore

/// What a source may be told; each is used by the sources it concerns.
public struct SourceOptions: Sendable {
  /// Size of raw samples and of a simulated camera's frames; 0: not given.
  public var width = 0
  public var height = 0
  /// Frames a second; nil: as recorded for a Y4M file, 30 for a simulated camera, else as fast
  /// as they can be read. 0: as fast as they can be read.
  public var framerate: Double?
  /// Whether a photo, folder or file begins again at its end.
  public var loops = false
  /// Layout of raw samples.
  public var format = YUVFormat.i420
  /// Whether video is BT.709 instead of BT.601.
  public var isBT709 = false
  /// Whether video uses 0...255 instead of 16...235 (Y4M may say so itself).
  public var isFullRange = false

  /// Kind of a camera's frames; nil: the best it offers.
  public var cameraFormat: V4L2Format?
  /// The network's input: a camera is asked for the smallest frames that reach it.
  public var minimumWidth = 0
  public var minimumHeight = 0

  public init() {}
}

/// A camera or something that stands for one, named as after `--camera`.
///
/// A source is used by one thread at a time; `next` blocks, so it belongs on a reader thread.
public enum FrameSource: @unchecked Sendable {
  case photos(PhotoSource)
  case video(VideoSource)
  case pan(PanSource)
  case camera(V4L2Source)

  /// The forms that `open` accepts, for messages and help.
  public static var forms: String {
    "/dev/videoN, the name of a camera, a folder of JPEG or PNG, a photo, a Y4M file, "
      + "- for Y4M or raw samples on standard input, or pan:PHOTO"
  }

  /// Opens the source that `name` names; throws CAM001 if it is none of `forms`, SYS or IMG if
  /// it cannot be read.
  public static func open(_ name: String, _ options: SourceOptions = SourceOptions())
    throws(SwiftletError) -> FrameSource
  {
    let bytes = [UInt8](name.utf8)
    if bytes == [UInt8(ascii: "-")] {
      let stream = ByteStream(descriptor: 0, owns: false, place: "standard input")
      return .video(try VideoSource(stream, isFile: false, options))
    }
    let pan: [UInt8] = [0x70, 0x61, 0x6E, 0x3A]  // "pan:"
    if bytes.starts(with: pan) {
      return .pan(
        try PanSource(photo: String(decoding: bytes.dropFirst(4), as: UTF8.self), options))
    }
    let kind = Int(shim_path_kind(name))
    switch kind {
    case shim_path_folder:
      return .photos(try PhotoSource(folder: name, options))
    case shim_path_file, shim_path_pipe:
      var stream = try ByteStream(path: name)
      let isFile = kind == shim_path_file
      // A pipe cannot be read a second time as a photo.
      let isVideo = try stream.starts(with: "YUV4MPEG2 ")
      if isVideo || !isFile {
        return .video(try VideoSource(stream, isFile: isFile, options))
      }
      return .photos(try PhotoSource(paths: [name], options))
    case shim_path_device: return .camera(try V4L2Source(name, options))
    default:
      if bytes.starts(with: "/dev/video".utf8) { return .camera(try V4L2Source(name, options)) }
      var found = "no such file, and no other form"
      if !bytes.isEmpty && !bytes.contains(UInt8(ascii: "/")) {
        do throws(SwiftletError) {
          return .camera(try V4L2Source(name, options))
        } catch {
          if error.code != .cameraNotFound { throw error }
          found = "no such file; cameras: \(error.found)"
        }
      }
      throw SwiftletError(.sourceUnknown, place: name, expected: forms, found: found)
    }
  }

  /// Pixels in a row of the first frame; the photos of a folder may differ.
  public var width: Int {
    switch self {
    case .photos(let source): source.width
    case .video(let source): source.width
    case .pan(let source): source.width
    case .camera(let source): source.width
    }
  }

  /// Rows of the first frame.
  public var height: Int {
    switch self {
    case .photos(let source): source.height
    case .video(let source): source.height
    case .pan(let source): source.height
    case .camera(let source): source.height
    }
  }

  /// Waits for the next frame and puts it, its time and number into `image`; false at the end.
  ///
  /// Frames after the first allocate nothing here as long as their size stays; libjpeg and
  /// libpng have working memory of their own.
  public func next(into image: inout Image) throws(SwiftletError) -> Bool {
    switch self {
    case .photos(let source): try source.next(into: &image)
    case .video(let source): try source.next(into: &image)
    case .pan(let source): try source.next(into: &image)
    case .camera(let source): try source.next(into: &image)
    }
  }
}
