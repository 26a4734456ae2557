import Foundation
import SwiftletCore
import SwiftletGraph
import SwiftletImport
import Testing

/// The ONNX project's own node tests: each is a file of one node, its inputs and its outputs.
/// tools/node-tests fetches them.
struct NodeTests {
  /// Fewer passes than this fail the test (raise it when operators are added).
  static let least = 903

  /// Cases of listed operators that are not run. All but those marked must be refused with an
  /// error, not computed wrongly.
  static let exclusions: [(pattern: String, isRefused: Bool, reason: String)] = [
    ("pool_3d", true, "three spatial axes: images have at most two"),
    ("convtranspose_3d", true, "three spatial axes"),
    ("with_argmax", true, "MaxPool's Indices output"),
    ("cubic", true, "cubic interpolation"),
    ("antialias", true, "antialiased resizing"),
    ("tf_crop_and_resize", true, "resizing of a region"),
    ("tf_half_pixel_for_nn", true, "removed from ONNX after operator set 12"),
    (
      "linear_align_corners", false,
      "ONNX expects the unrounded output size in the formula;"
        + " ONNX Runtime and PyTorch, which we follow, use the rounded one"
    ),
    ("reflect_pad", true, "Pad other than constant"),
    ("edge_pad", true, "Pad other than constant"),
    ("wrap_pad", true, "Pad other than constant"),
    ("training", true, "training form of BatchNormalization and Dropout"),
    ("fmod", true, "Mod with fmod=1"),
    ("mod_mixed_sign_float", true, "Mod with fmod=1"),
    ("FLOAT8", true, "8-bit floats"),
    ("_e4m3fn", true, "8-bit floats"),
    ("_e5m2", true, "8-bit floats"),
    ("STRING", true, "strings"),
    ("equal_string", true, "strings"),
    ("identity_opt", true, "optional values"),
    ("identity_sequence", true, "sequences"),
    ("BFLOAT16", false, "the files declare their bfloat16 data as uint16"),
  ]

  struct Failure {
    var name: String
    var text: String
  }

  @Test func nodeTests_everyListedOperator_agreeWithOnnx() throws {
    let root = Places.cache.appending(path: "node-tests")
    let sets = Places.contents(root).filter { $0.hasPrefix("opset") }
    guard !sets.isEmpty else {
      print("skipped: the ONNX node tests are absent; tools/node-tests fetches them")
      return
    }
    let listed = Set(SupportedOperators.all.map(\.name))
    var passed: [String: Int] = [:]
    var failures: [Failure] = []
    var excluded = 0
    var rewritten = 0
    var operators: Set<String> = []
    for set in sets {
      for name in Places.contents(root.appending(path: set)) where name.hasPrefix("test_") {
        let folder = root.appending(path: "\(set)/\(name)")
        guard let bytes = Places.bytes(folder.appending(path: "model.onnx")),
          let summary = OnnxImporter.summary(bytes), !summary.operators.isEmpty,
          summary.operators.allSatisfy({ listed.contains($0) }),
          OnnxImporter.opsets.contains(summary.opset)
        else { continue }
        if let exclusion = Self.exclusions.first(where: { name.contains($0.pattern) }),
          !name.contains("upsample_scales_linear_align_corners")
        {
          excluded += 1
          if exclusion.isRefused {
            #expect(throws: SwiftletError.self, "\(set)/\(name) is excluded but runs") {
              try Self.run(bytes, summary.inputs, summary.outputs, folder)
            }
          }
          continue
        }
        do {
          try Self.run(bytes, summary.inputs, summary.outputs, folder)
          if !summary.operators.contains(where: Self.changesUnderRewriting.contains) {
            try Self.run(
              bytes, summary.inputs, summary.outputs, folder, isRewritten: true)
            rewritten += 1
          }
          passed[set, default: 0] += 1
          operators.formUnion(summary.operators)
        } catch {
          let text = (error as? SwiftletError)?.message ?? "\(error)"
          failures.append(Failure(name: "\(set)/\(name)", text: text))
        }
      }
    }
    let total = passed.values.reduce(0, +)
    print("ONNX node tests: \(total) of \(total + failures.count) passed", terminator: "")
    print(
      " (\(passed.sorted { $0.key < $1.key })), \(rewritten) of them also rewritten, \(excluded) excluded"
    )
    #expect(listed.subtracting(operators).sorted() == [], "operators without a test that ran")
    for failure in failures { Issue.record("\(failure.name): \(failure.text)") }
    #expect(total >= Self.least)
  }

  /// Rewriting takes quantised values, and casts to float, as float.
  static let changesUnderRewriting: Set<String> = ["QuantizeLinear", "DequantizeLinear", "Cast"]

  /// Runs one case; throws if it cannot run or if an output differs.
  static func run(
    _ bytes: [UInt8], _ inputs: [String], _ outputs: [String], _ folder: URL,
    isRewritten: Bool = false
  ) throws {
    var options = OnnxImporter.Options()
    options.keepsBatch = true
    var graph = try OnnxImporter.graph(bytes, name: "node", options: options)
    if isRewritten {
      let report = try graph.rewrite()
      graph = report.restoringCut(graph)
    }
    let data = folder.appending(path: "test_data_set_0")
    var values: [String: Tensor] = [:]
    for (index, name) in inputs.enumerated() {
      guard let bytes = Places.bytes(data.appending(path: "input_\(index).pb")) else { continue }
      values[name] = try OnnxImporter.tensor(bytes, name: name)
    }
    let results = try Interpreter.run(graph, inputs: values)
    for (index, name) in outputs.enumerated() {
      let bytes = try #require(Places.bytes(data.appending(path: "output_\(index).pb")))
      let expected = try OnnxImporter.tensor(bytes, name: name)
      let found = try #require(results[name])
      try compare(found, expected)
    }
  }

  struct Mismatch: Error, CustomStringConvertible { var description: String }

  /// ONNX's own tolerance: 1e-7 + 1e-3 of the expected value.
  static func compare(_ found: Tensor, _ expected: Tensor) throws {
    guard found.shape == expected.shape else {
      throw Mismatch(description: "shape \(found.shape), expected \(expected.shape)")
    }
    switch (found.data, expected.data) {
    case (.float(let a), .float(let b)):
      for (x, y) in zip(a, b) where x != y && !(x.isNaN && y.isNaN) {
        guard abs(x - y) <= 1e-7 + 1e-3 * abs(y) else {
          throw Mismatch(description: "found \(x), expected \(y)")
        }
      }
    default:
      guard found.data == expected.data else {
        throw Mismatch(description: "found \(found.data), expected \(expected.data)")
      }
    }
  }
}
