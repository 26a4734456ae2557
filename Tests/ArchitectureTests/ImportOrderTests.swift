import Foundation
import Testing

/// Imports go one way: each module may import only those to its left in docs/architecture.md.
struct ImportOrderTests {
  /// Rank of each module; an import must go to a lower rank.
  static let rank: [String: Int] = [
    "CShims": 0, "CImages": 0, "COpenBLAS": 0, "SwiftletCore": 1, "SwiftletKernels": 1,
    "KernelsAVX2": 2, "KernelsAVX512": 2, "KernelsNEON": 2, "KernelsNEONDot": 2,
    "KernelSelfTest": 2, "SwiftletOperators": 2, "SwiftletVision": 2, "Swiftlet": 3,
    "SwiftletPower": 2, "SwiftletBoard": 3, "SwiftletSimulator": 3,
    "SwiftletDevice": 4, "swiftlet-device": 5, "SwiftletGraph": 2, "SwiftletImport": 3,
    "SwiftletWriter": 2, "SwiftletQuantize": 4, "SwiftletCommand": 6,
    "KernelBench": 5, "swiftlet-fuzz": 5,
  ]
  /// What a module may import besides our own.
  static let system: Set<String> = ["Synchronization", "_Builtin_intrinsics"]
  static let hostOnly: Set<String> = [
    "SwiftletGraph", "SwiftletImport", "SwiftletWriter", "SwiftletQuantize", "SwiftletCommand",
    "SwiftletSimulator", "swiftlet-fuzz", "KernelBench",
  ]

  @Test func imports_everyModule_goOneWay() throws {
    let files = try sources()
    #expect(files.count > 30, "the sources were not found")
    var known: Set<String> = []
    for (module, path, text) in files {
      let mine = try #require(Self.rank[module], "\(module) has no place in the order")
      known.insert(module)
      for imported in imports(text) {
        if let other = Self.rank[imported] {
          #expect(
            other < mine || (other == mine && module == "SwiftletCore" && other == 0),
            "\(path) imports \(imported), which is not to its left")
        } else {
          #expect(
            Self.system.contains(imported) || Self.hostOnly.contains(module),
            "\(path) imports \(imported): a device module imports only our own")
        }
      }
    }
    #expect(known.contains("Swiftlet") && known.contains("SwiftletImport"))
  }

  @Test func sources_deviceModules_stayInTheEmbeddedSubset() throws {
    // What the Embedded build refuses is refused there; these compile in both modes and only
    // then cost (docs/architecture.md).
    for (module, path, text) in try sources() where !Self.hostOnly.contains(module) {
      for word in ["import Foundation", "Codable", "AnyObject", "async ", "Mirror("] {
        #expect(!text.contains(word), "\(path) uses \(word)")
      }
    }
  }

  private func imports(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      while let first = words.first, ["internal", "public", "package", "@testable"].contains(first)
      {
        words.removeFirst()
      }
      guard words.count >= 2, words[0] == "import" else { return nil }
      return words[1].split(separator: ".").first.map(String.init)
    }
  }

  /// (module, path, text) of every Swift source that is not a link into another module.
  private func sources() throws -> [(String, String, String)] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    var found: [(String, String, String)] = []
    let walk = try #require(FileManager.default.enumerator(atPath: root.path))
    for case let path as String in walk where path.hasSuffix(".swift") {
      var parts = path.split(separator: "/").map(String.init)
      if parts[0] == "Kernels" {
        if parts.contains("Shared") { continue }
        parts = ["Kernels" + parts[1]]
      }
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      found.append((parts[0], path, text))
    }
    return found
  }
}
