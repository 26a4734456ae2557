import Foundation
import SwiftletCore
import SwiftletVision
import SwiftletWriter

/// The JPEG and PNG photos of a folder, in the order of their names.
struct PhotoFolder: Sendable {
  let path: String
  /// File names without the folder.
  let names: [String]

  /// Lists a folder; at most `limit` photos. Throws if there is none.
  init(_ path: String, limit: Int?) throws(SwiftletError) {
    let all: [String]
    do {
      all = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw SwiftletError(
        .cannotOpen, place: path, expected: "a folder of photos", found: "none that can be read")
    }
    let kinds = [".jpg", ".jpeg", ".png"]
    let photos = all.filter { name in
      !name.hasPrefix(".") && kinds.contains { name.lowercased().hasSuffix($0) }
    }
    guard !photos.isEmpty else {
      throw SwiftletError(
        .cannotOpen, place: path, expected: "JPEG or PNG files",
        found: "\(all.count) other files")
    }
    self.path = path
    names = Array(photos.sorted().prefix(limit ?? .max))
  }

  /// Path of photo `i`.
  func file(_ i: Int) -> String { path.hasSuffix("/") ? path + names[i] : path + "/" + names[i] }
}

/// The image that a float network takes.
struct ImageShape: Sendable {
  var channels: Int
  var height: Int
  var width: Int
}

/// Photos as a network wants them, by the same code that a board runs.
struct PhotoReader: Sendable {
  let shape: ImageShape
  let preprocessing: Preprocessing

  private var rule: FitRule {
    switch preprocessing.resize {
    case .squash: .squash
    case .crop: .crop(shortSide: preprocessing.shortSide)
    }
  }

  /// Pixels [height][width][channels] of a photo, 0...255, in the network's channel order.
  func pixels(_ path: String) throws(SwiftletError) -> [UInt8] {
    let image = try Image(path: path)
    let bytes = shape.width * shape.height * 4
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes + 64, alignment: 64)
    defer { memory.deallocate() }
    let target = PixelTarget(
      base: memory, line: shape.width * 4, width: shape.width, height: shape.height, xor: 0,
      isBGR: preprocessing.isBGR)
    var writer = InputWriter(rule: rule, target: target)
    writer.write(image)
    var out: [UInt8] = []
    out.reserveCapacity(shape.width * shape.height * shape.channels)
    for i in 0..<shape.width * shape.height {
      for c in 0..<shape.channels {
        out.append(memory.load(fromByteOffset: i * 4 + c, as: UInt8.self))
      }
    }
    return out
  }
}
