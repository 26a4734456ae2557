import CShims
import SwiftletCore

/// The photos of a folder in the order of their names, or a single photo.
public final class PhotoSource {
  /// Size of the first photo; others may differ.
  public let width: Int
  public let height: Int
  private let paths: [String]
  private let loops: Bool
  private var pacer: Pacer
  private var file = FileBytes()
  private var index = 0
  private var sequence = 0

  /// The JPEG and PNG files of the folder at `path` (by their endings .jpg, .jpeg, .png, in any
  /// case), without its sub-folders. Throws SYS001, or CAM003 if there is none.
  convenience init(folder path: String, _ options: SourceOptions) throws(SwiftletError) {
    let paths = try Self.list(path)
    guard !paths.isEmpty else {
      throw SwiftletError(
        .sourceEmpty, place: path, expected: "files that end in .jpg, .jpeg or .png", found: "none")
    }
    try self.init(paths: paths, options)
  }

  /// The photos at `paths`, at least one; the first is decoded at once to know its size.
  init(paths: [String], _ options: SourceOptions) throws(SwiftletError) {
    let first = try Image(path: paths[0])
    width = first.width
    height = first.height
    self.paths = paths
    loops = options.loops
    pacer = Pacer(options.framerate ?? 0)
  }

  /// The next photo; false at the end. Throws SYS or IMG for a photo that cannot be read; the
  /// call after that goes on with the one behind it.
  public func next(into image: inout Image) throws(SwiftletError) -> Bool {
    if index == paths.count {
      if !loops { return false }
      index = 0
    }
    let due = pacer.wait()
    let path = paths[index]
    index += 1
    sequence += 1
    try file.read(path)
    image.time = due ?? shim_monotonic()
    image.sequence = sequence - 1
    try image.decode(UnsafeRawBufferPointer(start: file.base, count: file.count), place: path)
    return true
  }

  /// Full paths, sorted by the bytes of their names.
  static func list(_ folder: String) throws(SwiftletError) -> [String] {
    guard let handle = shim_folder_open(folder) else {
      throw SwiftletError(
        .cannotOpen, place: folder, found: String(cString: shim_errno_name(shim_errno())))
    }
    defer { shim_folder_close(handle) }
    var names: [[UInt8]] = []
    while let name = shim_folder_next(handle) {
      let bytes = [UInt8](
        UnsafeBufferPointer(
          start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), count: strlen(name)))
      if isPhoto(bytes) { names.append(bytes) }
    }
    names.sort { $0.lexicographicallyPrecedes($1) }
    var paths: [String] = []
    let separator = folder.utf8.last == UInt8(ascii: "/") ? "" : "/"
    for name in names { paths.append(folder + separator + String(decoding: name, as: UTF8.self)) }
    return paths
  }

  private static func isPhoto(_ name: [UInt8]) -> Bool {
    if name.first == UInt8(ascii: ".") { return false }
    return ends(name, ".jpg") || ends(name, ".jpeg") || ends(name, ".png")
  }

  private static func ends(_ name: [UInt8], _ end: StaticString) -> Bool {
    let count = end.utf8CodeUnitCount
    if name.count <= count { return false }
    for i in 0..<count {
      let byte = name[name.count - count + i]
      let lower = byte >= 65 && byte <= 90 ? byte + 32 : byte
      if lower != end.utf8Start[i] { return false }
    }
    return true
  }
}
