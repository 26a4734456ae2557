import Foundation
import SwiftletCore
import SwiftletGraph
import SwiftletImport
import Testing

/// Real networks against ONNX Runtime, as imported and as rewritten. tools/oracle makes the
/// reference from the networks of tools/models.
@Suite(.serialized) struct NetworkTests {
  struct Reference: Decodable {
    struct Output: Decodable {
      var name: String
      var shape: [Int]
    }
    var path: String
    var input: String
    var shape: [Int]
    var size: [Int]?
    var outputs: [Output]
  }

  /// Largest difference allowed, as a part of the largest magnitude of the output: single
  /// precision sums of some thousand products in another order.
  static let tolerance: Float = 1e-4

  static func floats(_ url: URL) throws -> [Float] {
    let data = try Data(contentsOf: url)
    return data.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
      }
    }
  }

  @Test func networks_rawAndRewritten_agreeWithOnnxRuntime() throws {
    let root = Places.cache.appending(path: "oracle")
    let names = Places.contents(root)
    guard !names.isEmpty else {
      print("skipped: references of ONNX Runtime are absent; tools/oracle makes them")
      return
    }
    for name in names {
      let folder = root.appending(path: name)
      guard let text = try? Data(contentsOf: folder.appending(path: "meta.json")) else { continue }
      let reference = try JSONDecoder().decode(Reference.self, from: text)
      guard FileManager.default.fileExists(atPath: reference.path) else {
        print("skipped: \(name) is absent")
        continue
      }
      try check(name, reference, folder)
    }
  }

  private func check(_ name: String, _ reference: Reference, _ folder: URL) throws {
    var options = OnnxImporter.Options()
    if let size = reference.size { options.inputSize = Extent(size[0], size[1]) }
    let raw = try OnnxImporter.graph(atPath: reference.path, options: options)
    var rewritten = raw
    let report = try rewritten.rewrite()
    let restored = report.restoringCut(rewritten)
    let image = Tensor(
      shape: reference.shape, floats: try Self.floats(folder.appending(path: "input.bin")))
    for (form, graph) in [("raw", raw), ("rewritten", restored)] {
      _ = try Interpreter.run(graph, inputs: [reference.input: image])
      let start = ContinuousClock.now
      let results = try Interpreter.run(graph, inputs: [reference.input: image])
      let time = (ContinuousClock.now - start) / .milliseconds(1)
      var worst: (absolute: Float, relative: Float) = (0, 0)
      for (index, output) in reference.outputs.enumerated() {
        let expected = try Self.floats(folder.appending(path: "output_\(index).bin"))
        let found = try #require(results[output.name])
        #expect(found.shape == output.shape, "\(name), \(form), \(output.name)")
        let (absolute, relative) = difference(found.asFloats, expected)
        #expect(relative <= Self.tolerance, "\(name), \(form), \(output.name)")
        worst = (max(worst.absolute, absolute), max(worst.relative, relative))
      }
      print(
        "| \(name) | \(form) | \(graph.nodes.count) nodes | \(worst.absolute) | \(worst.relative)"
          + " | \(Int(time)) ms |")
    }
    let changes = report.passes.filter { $0.changes > 0 }.map { "\($0.name) \($0.changes)" }
    print(
      "| \(name) | \(report.nodesBefore) -> \(report.nodesAfter), cut \(report.cut.count) | "
        + "\(changes.joined(separator: ", ")) | \(report.operatorsAfter.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) | SE \(rewritten.squeezeExcites.count) |"
    )
  }
}
