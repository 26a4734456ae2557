import CShims
import SwiftletCore

/// A camera's open node `/dev/videoN`, closed when it is let go.
struct V4L2Device: ~Copyable {
  typealias Calls = UnsafePointer<video_calls>

  /// Nodes that are looked at: as many as the kernel makes.
  static var nodes: Int { 256 }

  let calls: Calls
  let file: Int32
  let path: String
  let identity: video_identity

  private init(_ calls: Calls, _ file: Int32, _ path: String, _ identity: video_identity) {
    self.calls = calls
    self.file = file
    self.path = path
    self.identity = identity
  }

  /// Opens the node at `path`. Throws CAM004 if there is none, CAM005, CAM006 or CAM008, and
  /// CAM001 if it is no camera.
  static func open(_ path: String, _ calls: Calls) throws(SwiftletError) -> V4L2Device {
    let file = video_open(calls, path)
    if file < 0 { throw error("open", file, path) }
    var identity = video_identity()
    let status = video_identify(calls, file, &identity)
    // Closes the node if it is of no use.
    let device = V4L2Device(calls, file, path, identity)
    // ENOTTY: any other device.
    if status < 0 && status != -ENOTTY && status != -EINVAL {
      throw error("VIDIOC_QUERYCAP", status, path)
    }
    if status < 0 || identity.captures == 0 {
      throw SwiftletError(
        .sourceUnknown, place: path, expected: FrameSource.forms,
        found: "a device that captures no pictures")
    }
    return device
  }

  deinit { video_close(calls, file) }

  /// The name that the driver gives the camera.
  var card: String { Self.text(identity.card) }

  /// Opens a path, which has a slash, or the camera of that name.
  static func named(_ name: String, _ calls: Calls) throws(SwiftletError) -> V4L2Device {
    for byte in name.utf8 where byte == UInt8(ascii: "/") { return try open(name, calls) }
    return try find(name, calls)
  }

  /// Opens the camera whose card is called `name`, or the only one whose card holds it, ASCII
  /// case ignored. Throws CAM004, or CAM006 if none fits but some may not be opened.
  static func find(_ name: String, _ calls: Calls) throws(SwiftletError) -> V4L2Device {
    var best: Int32 = 0
    var count = 0
    var path = ""
    var seen = ""
    var refused: SwiftletError?
    scan(calls) { device in
      seen += (seen.isEmpty ? "" : ", ") + device.path + " \"" + device.card + "\""
      var identity = device.identity
      let fits = video_name_fits(&identity, name)
      if fits == 0 || fits < best { return }
      count = fits > best ? 1 : count + 1
      best = fits
      path = device.path
    } refused: { error in
      if error.code == .cameraPermission { refused = error }
    }
    if count == 1 { return try open(path, calls) }
    if count == 0, let refused { throw refused }
    throw SwiftletError(
      .cameraNotFound, place: name, expected: "the name of one camera, or a part of it",
      found: count > 1 ? "\(count) that fit: \(seen)" : seen.isEmpty ? "no camera" : seen)
  }

  /// Opens each camera in turn; `refused` gets the errors of nodes that exist.
  static func scan(
    _ calls: Calls, _ found: (borrowing V4L2Device) -> Void, refused: (SwiftletError) -> Void
  ) {
    for i in 0..<nodes {
      do throws(SwiftletError) {
        found(try open("/dev/video\(i)", calls))
      } catch {
        if error.code != .cameraNotFound && error.code != .sourceUnknown { refused(error) }
      }
    }
  }

  /// The error for a call that gave `status`, -errno.
  static func error(_ call: String, _ status: Int32, _ place: String) -> SwiftletError {
    let name = systemErrorName(-status)
    switch -status {
    case EBUSY: return SwiftletError(.cameraBusy, place: place, found: "\(call): \(name)")
    case EACCES, EPERM: return SwiftletError(.cameraPermission, place: place, found: name)
    case ENOENT, ENODEV, ENXIO:
      return SwiftletError(.cameraNotFound, place: place, found: "\(call): \(name)")
    default: return SwiftletError(.cameraRefused, place: place, found: "\(call): \(name)")
    }
  }

  /// A C text of fixed room.
  static func text<T>(_ field: T) -> String {
    withUnsafeBytes(of: field) { bytes in
      var count = 0
      while count < bytes.count && bytes[count] != 0 { count += 1 }
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
}
