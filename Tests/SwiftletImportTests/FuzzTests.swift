import Foundation
import SwiftletCore
import SwiftletGraph
import SwiftletImport
import Testing

/// Damaged files: an error or a graph that runs, never a trap.
struct FuzzTests {
  /// SWIFTLET_FULL asks for the long form.
  static let length = ProcessInfo.processInfo.environment["SWIFTLET_FULL"] == nil ? 1 : 20

  /// Imports, rewrites and, if small, runs.
  private func attempt(_ bytes: [UInt8], keepsBatch: Bool = false) -> Bool {
    do {
      var options = OnnxImporter.Options()
      options.keepsBatch = keepsBatch
      var graph = try OnnxImporter.graph(bytes, name: "damaged", options: options)
      _ = try graph.rewrite()
      guard graph.shapes.values.allSatisfy({ $0.reduce(1, *) <= 1 << 14 }) else { return true }
      // Shapes, indices and truth values are integers: one kind or the other gets further.
      let floats = graph.inputs.map { input in
        let values = [Float](repeating: 0.5, count: input.shape.reduce(1, *))
        return (input.name, Tensor(shape: input.shape, floats: values))
      }
      if (try? Interpreter.run(graph, inputs: Dictionary(floats) { first, _ in first })) != nil {
        return true
      }
      let integers = graph.inputs.enumerated().map { index, input in
        let values = [Int64](repeating: Int64(index % 3), count: input.shape.reduce(1, *))
        return (input.name, Tensor(shape: input.shape, integers: values))
      }
      _ = try Interpreter.run(graph, inputs: Dictionary(integers) { first, _ in first })
      return true
    } catch {
      return false
    }
  }

  @Test func importer_everyTruncation_isRefusedOrRuns() {
    let bytes = Onnx.small
    #expect(attempt(bytes))
    var accepted = 0
    for count in 0..<bytes.count where attempt(Array(bytes[..<count])) { accepted += 1 }
    // Without the last field, the operator set, nothing is accepted.
    #expect(accepted == 0)
  }

  @Test func importer_randomDamage_isRefusedOrRuns() {
    let bytes = Onnx.small
    var random = SplitMix(state: 17)
    var outcomes = (accepted: 0, refused: 0)
    for round in 0..<30_000 * Self.length {
      var damaged = bytes
      for _ in 0..<(round % 4 == 0 ? 1 : Int.random(in: 1...6, using: &random)) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 2: damaged[place] = [0, 1, 127, 128, 255].randomElement(using: &random) ?? 0
        default:
          // A run of high bytes: large numbers in variable-length fields.
          for index in place..<min(place + 9, damaged.count) { damaged[index] = 0xFF }
        }
      }
      if attempt(damaged) { outcomes.accepted += 1 } else { outcomes.refused += 1 }
    }
    print("damaged ONNX files: \(outcomes.refused) refused, \(outcomes.accepted) run")
    #expect(outcomes.accepted > 100 && outcomes.refused > 100)
  }

  @Test func importer_everyByteSetHigh_isRefusedOrRuns() {
    let bytes = Onnx.small
    var refused = 0
    for place in bytes.indices {
      for value: UInt8 in [0x00, 0x7F, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] = value
        if !attempt(damaged) { refused += 1 }
      }
    }
    #expect(refused > 100)
  }

  /// The node tests reach every operator. Only models that import undamaged, and mostly damage
  /// that a protobuf parser lets through, so that it arrives in the operators.
  @Test func importer_damagedNodeTests_areRefusedOrRun() {
    let root = Places.cache.appending(path: "node-tests/opset21")
    var options = OnnxImporter.Options()
    options.keepsBatch = true
    var random = SplitMix(state: 23)
    var outcomes = (models: 0, accepted: 0, refused: 0)
    for name in Places.contents(root) where name.hasPrefix("test_") {
      guard let bytes = Places.bytes(root.appending(path: "\(name)/model.onnx")),
        !bytes.isEmpty, bytes.count < 4096,
        (try? OnnxImporter.graph(bytes, name: name, options: options)) != nil
      else { continue }
      outcomes.models += 1
      // Attributes, types and shapes lie behind the names of the values: numbers there are small.
      let numbers = bytes.indices.filter { bytes[$0] < 32 || bytes[$0] >= 127 }
      for _ in 0..<48 * Self.length {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = numbers.randomElement(using: &random) ?? 0
          switch Int.random(in: 0..<3, using: &random) {
          case 0: damaged[place] ^= 1 << UInt8.random(in: 0..<7, using: &random)
          case 1: damaged[place] = UInt8.random(in: 0..<16, using: &random)
          default: damaged[place] = UInt8.random(in: 0...255, using: &random)
          }
        }
        if attempt(damaged, keepsBatch: true) {
          outcomes.accepted += 1
        } else {
          outcomes.refused += 1
        }
      }
    }
    guard outcomes.models > 0 else {
      print("skipped: the ONNX node tests are absent; tools/node-tests fetches them")
      return
    }
    print(
      "\(outcomes.models) ONNX node tests, damaged: \(outcomes.refused) refused, "
        + "\(outcomes.accepted) run")
    #expect(outcomes.accepted > 1000 && outcomes.refused > 1000)
  }
}
