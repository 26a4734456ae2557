import Foundation
import SwiftletGraph

/// Where the files of these tests lie; none of them is committed.
enum Places {
  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let cache = package.appending(path: ".cache")

  /// The folder that SWIFTLET_DATA names, beside the package if unset.
  static var data: URL {
    if let path = ProcessInfo.processInfo.environment["SWIFTLET_DATA"] {
      return URL(filePath: path, relativeTo: package)
    }
    return package.appending(path: "../shared/data")
  }

  static func bytes(_ url: URL) -> [UInt8]? { (try? Data(contentsOf: url)).map { [UInt8]($0) } }

  static func contents(_ folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }
}

/// A repeatable source of random numbers (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Largest difference, and largest difference divided by the largest magnitude of `expected`.
func difference(_ found: [Float], _ expected: [Float]) -> (absolute: Float, relative: Float) {
  guard found.count == expected.count else { return (.infinity, .infinity) }
  var worst: Float = 0
  var peak: Float = 0
  for (a, b) in zip(found, expected) {
    if a.isNaN || b.isNaN {
      if a.isNaN != b.isNaN { return (.infinity, .infinity) }
      continue
    }
    if a != b { worst = max(worst, abs(a - b)) }
    peak = max(peak, abs(b))
  }
  return (worst, peak == 0 ? worst : worst / peak)
}
