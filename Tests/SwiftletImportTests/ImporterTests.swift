import Foundation
import SwiftletCore
import SwiftletGraph
import SwiftletImport
import Testing

struct ImporterTests {
  private func refusal(_ bytes: [UInt8]) throws -> SwiftletError {
    try #require(throws: SwiftletError.self) { try OnnxImporter.graph(bytes, name: "test") }
  }

  private let x = Onnx.value("x", [1, 2, 4, 4])
  private let y = Onnx.value("y", [1, 2, 4, 4])

  @Test func importer_smallNetwork_rewritesToTheSameOutput() throws {
    let raw = try OnnxImporter.graph(Onnx.small, name: "small")
    #expect(raw.inputs == [GraphInput(name: "x", shape: [1, 3, 6, 6])])
    var rewritten = raw
    let report = try rewritten.rewrite()
    var random = SplitMix(state: 5)
    let image = Tensor(
      shape: [1, 3, 6, 6], floats: (0..<108).map { _ in Float.random(in: -2...2, using: &random) })
    let expected = try #require(try Interpreter.run(raw, inputs: ["x": image])["o"])
    let found = try #require(
      try Interpreter.run(report.restoringCut(rewritten), inputs: ["x": image])["o"])
    #expect(difference(found.asFloats, expected.asFloats).relative < 1e-5)
    #expect(
      rewritten.operatorCounts == [
        "Conv": 2, "MaxPool": 1, "Resize": 1, "Concat": 1, "Slice": 1, "GlobalAveragePool": 1,
        "Softmax": 1,
      ])
  }

  @Test func importer_unsupportedNodes_areListedInOneError() throws {
    let error = try refusal(
      Onnx.model(
        [
          Onnx.node("LSTM", ["x"], ["a"], name: "memory"),
          Onnx.node("Relu", ["a"], ["b"]),
          Onnx.node("Pad", ["b", "p"], ["c"], ["mode": .text("reflect")], name: "border"),
          Onnx.node("Conv", ["c", "w"], ["d"], ["group": .text("two")], name: "odd"),
          Onnx.node("Fancy", ["d"], ["y"], name: "own", domain: "com.example"),
        ], inputs: [x, Onnx.value("w", [2, 2, 1, 1]), Onnx.value("p", [8])], outputs: [y]))
    #expect(error.code == .unsupportedNodes)
    for words in [
      "4 nodes", "\"memory\" LSTM", "\"border\" Pad: mode reflect", "\"odd\" Conv: attribute group",
      "\"own\" Fancy", "com.example",
    ] {
      #expect(error.message.contains(words), "\(words) is not in: \(error.message)")
    }
  }

  @Test func importer_externalData_isRefused() throws {
    let weights = Message().integer(1, 2).integer(2, 1).text(8, "w")
      .message(13, Message().text(1, "location").text(2, "weights.bin")).integer(14, 1)
    let error = try refusal(
      Onnx.model(
        [Onnx.node("Add", ["x", "w"], ["y"])], inputs: [x], outputs: [y], constants: [weights]))
    #expect(error.code == .externalData)
    #expect(error.message.contains("weights.bin"))
  }

  @Test(arguments: [
    // A cycle.
    (
      [
        Onnx.node("Add", ["x", "b"], ["a"]), Onnx.node("Relu", ["a"], ["b"]),
        Onnx.node("Relu", ["b"], ["y"]),
      ], "cycle"
    ),
    // An input that nobody makes.
    ([Onnx.node("Add", ["x", "nowhere"], ["y"])], "nowhere"),
    // A value made twice.
    ([Onnx.node("Relu", ["x"], ["y"]), Onnx.node("Relu", ["x"], ["y"])], "two"),
    // No output.
    ([Onnx.node("Relu", ["x"], ["z"])], "y"),
  ]) func importer_brokenGraph_saysWhat(nodes: [Message], word: String) throws {
    let error = try refusal(Onnx.model(nodes, inputs: [x], outputs: [y]))
    #expect(error.code == .badOnnx)
    #expect(error.message.contains(word), "\(error.message)")
  }

  @Test(arguments: [-5, 0, 1 << 40, Int.max, Int.min])
  func importer_absurdNumbers_areRefused(number: Int) throws {
    for attribute in ["strides", "dilations", "pads", "kernel_shape"] {
      let values = attribute == "pads" ? [number, 0, 0, 0] : [number, 1]
      if attribute == "pads", number == 0 { continue }
      let error = try refusal(
        Onnx.model(
          [Onnx.node("Conv", ["x", "w"], ["y"], [attribute: .ints(values)])], inputs: [x],
          outputs: [y], constants: [Onnx.tensor("w", [1, 2, 1, 1], [1, 1])]))
      #expect(error.code == .badNode, "\(attribute): \(error.message)")
    }
  }

  /// Found by damaging node tests: two axes of pads on a line made a result that its shape did
  /// not hold.
  @Test func importer_lineWithPadsOfAnImage_isRefused() throws {
    let line = Onnx.value("x", [1, 2, 4])
    let pads = Onnx.Attribute.ints([1, 0, 1, 0])
    for node in [
      Onnx.node("MaxPool", ["x"], ["y"], ["kernel_shape": .ints([1, 2]), "pads": pads]),
      Onnx.node("Conv", ["x", "w"], ["y"], ["pads": pads]),
    ] {
      let error = try refusal(
        Onnx.model(
          [node], inputs: [line], outputs: [y],
          constants: [Onnx.tensor("w", [1, 2, 1], [1, 1])]))
      #expect(error.code == .badNode)
    }
  }

  @Test func importer_sizesThatDoNotMatch_areRefused() throws {
    for constant in [
      Onnx.tensor("w", [3], [1, 2]), Onnx.tensor("w", [1 << 40], []),
      Onnx.tensor("w", [-1], [1]),
      Onnx.tensor("w", [1 << 32, 1 << 32], []),
    ] {
      let error = try refusal(
        Onnx.model(
          [Onnx.node("Add", ["x", "w"], ["y"])], inputs: [x], outputs: [y], constants: [constant]))
      #expect(error.code == .badOnnx)
    }
  }

  @Test func importer_symbolicSize_needsTheCallersSize() throws {
    let bytes = Onnx.model(
      [Onnx.node("Relu", ["x"], ["y"])], inputs: [Onnx.value("x", [-1, 3, -1, -1])], outputs: [y])
    #expect(try refusal(bytes).message.contains("--size"))
    let graph = try OnnxImporter.graph(
      bytes, name: "test", options: OnnxImporter.Options(inputSize: Extent(5, 7)))
    #expect(graph.shapes["y"] == [1, 3, 5, 7])
  }

  @Test func importer_declaredBatch_becomesOne() throws {
    let graph = try OnnxImporter.graph(
      Onnx.model(
        [Onnx.node("Relu", ["x"], ["y"])],
        inputs: [Onnx.value("x", [10, 3, 4, 4]), Onnx.value("unused", [])], outputs: [y]),
      name: "test")
    #expect(graph.inputs == [GraphInput(name: "x", shape: [1, 3, 4, 4])])
  }

  @Test(arguments: [6, 22]) func importer_otherOperatorSet_isRefused(opset: Int) throws {
    let error = try refusal(
      Onnx.model([Onnx.node("Relu", ["x"], ["y"])], inputs: [x], outputs: [y], opset: opset))
    #expect(error.message.contains("found \(opset)"))
  }

  @Test func operatorTable_documentation_isTheSame() throws {
    let url = Places.package.appending(path: "docs/onnx.md")
    var text = try String(contentsOf: url, encoding: .utf8)
    if ProcessInfo.processInfo.environment["SWIFTLET_WRITE_DOCS"] != nil {
      let start = try #require(text.range(of: "| operator |"))
      text = text[..<start.lowerBound] + SupportedOperators.markdown
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(text.hasSuffix(SupportedOperators.markdown), "SWIFTLET_WRITE_DOCS=1 renews the table")
    // What the importer must read, whatever else it reads.
    let names = Set(SupportedOperators.all.map(\.name))
    let wanted = """
      Conv Gemm MatMul BatchNormalization Relu Clip HardSwish HardSigmoid Sigmoid LeakyRelu PRelu \
      Add Sub Mul Div GlobalAveragePool AveragePool MaxPool ReduceMean Concat Split Slice Pad \
      Resize ConvTranspose Softmax Flatten Reshape Transpose Squeeze Unsqueeze Identity Dropout \
      Constant Shape Gather Range Cast ConstantOfShape Expand Where Equal Floor Ceil Min Max \
      QuantizeLinear DequantizeLinear
      """
    #expect(Set(wanted.split(separator: " ").map(String.init)).subtracting(names) == [])
  }
}
