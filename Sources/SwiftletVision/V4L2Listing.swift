import CShims
import SwiftletCore

/// A camera of the kernel, for lists.
public struct CameraEntry {
  /// `/dev/videoN`.
  public let path: String
  /// The name that `--camera` takes.
  public let card: String
  public let driver: String
  /// Where it is plugged in.
  public let bus: String
}

/// A size of frames that a camera offers, or a range of sizes.
public struct CameraMode {
  /// The driver's four letters.
  public let format: String
  /// Whether swiftlet reads this format.
  public let isReadable: Bool
  public let width: Int
  public let height: Int
  /// The end of the range; equal to the size if there is none.
  public let maxWidth: Int
  public let maxHeight: Int
  /// Highest frames a second at `width` x `height`; nil if the driver does not say.
  public let rate: Double?
}

extension V4L2Source {
  /// The cameras of this machine, by their paths. Throws CAM006 if there is none but some node may
  /// not be opened.
  public static func cameras() throws(SwiftletError) -> [CameraEntry] {
    // SAFETY: the address of a constant.
    try cameras(video_kernel().unsafelyUnwrapped)
  }

  /// The same with other system calls.
  package static func cameras(_ calls: UnsafePointer<video_calls>) throws(SwiftletError)
    -> [CameraEntry]
  {
    var entries: [CameraEntry] = []
    var error: SwiftletError?
    V4L2Device.scan(calls) { device in
      entries.append(
        CameraEntry(
          path: device.path, card: device.card, driver: V4L2Device.text(device.identity.driver),
          bus: V4L2Device.text(device.identity.bus)))
    } refused: {
      error = $0
    }
    if entries.isEmpty, let error { throw error }
    return entries
  }

  /// What the camera called `name` offers. Throws as opening it does.
  public static func modes(of name: String) throws(SwiftletError) -> [CameraMode] {
    // SAFETY: the address of a constant.
    try modes(of: name, video_kernel().unsafelyUnwrapped)
  }

  /// The same with other system calls.
  package static func modes(of name: String, _ calls: UnsafePointer<video_calls>)
    throws(SwiftletError) -> [CameraMode]
  {
    let device = try V4L2Device.named(name, calls)
    var modes: [CameraMode] = []
    for index in 0..<V4L2Wish.mostFormats {
      var fourcc: UInt32 = 0
      if video_list_format(calls, device.file, index, &fourcc) < 0 { break }
      for sizeIndex in 0..<V4L2Wish.mostSizes {
        var size = video_size()
        if video_list_size(calls, device.file, sizeIndex, fourcc, &size) < 0 { break }
        let rate = V4L2Wish.rate(device, fourcc, Int(size.width), Int(size.height))
        modes.append(
          CameraMode(
            format: V4L2Format.letters(fourcc), isReadable: V4L2Format(fourcc: fourcc) != nil,
            width: Int(size.width), height: Int(size.height), maxWidth: Int(size.max_width),
            maxHeight: Int(size.max_height), rate: rate > 0 ? rate : nil))
      }
    }
    return modes
  }
}
