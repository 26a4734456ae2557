import SwiftletCore
import SwiftletGraph
import Testing

/// Each rewrite on the smallest graph that shows it: the node counts, and equal outputs.
struct RewriteTests {
  /// A graph in the making, with random constants from a fixed seed.
  struct Maker {
    var graph = Graph(name: "test")
    var state: UInt64 = 11

    init(_ shape: [Int]) {
      graph.inputs = [GraphInput(name: "x", shape: shape)]
      graph.outputs = ["y"]
    }

    mutating func random(_ count: Int) -> [Float] {
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 30) - 0.5
      }
    }

    mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]? = nil) {
      graph.constants[name] = Tensor(
        shape: shape, floats: values ?? random(shape.reduce(1, *)))
    }

    mutating func integers(_ name: String, _ values: [Int64]) {
      graph.constants[name] = Tensor(shape: [values.count], integers: values)
    }

    mutating func node(_ operation: Operation, _ inputs: [String], _ output: String) {
      graph.nodes.append(
        Node(name: output, operation: operation, inputs: inputs, outputs: [output]))
    }

    /// Rewrites, and demands equal outputs on a random input.
    mutating func rewritten() throws -> (graph: Graph, report: RewriteReport) {
      let shape = graph.inputs[0].shape
      let x = Tensor(shape: shape, floats: random(shape.reduce(1, *)).map { $0 * 8 })
      let expected = try #require(try Interpreter.run(graph, inputs: ["x": x])["y"])
      var result = graph
      let report = try result.rewrite()
      let found = try #require(
        try Interpreter.run(report.restoringCut(result), inputs: ["x": x])["y"])
      #expect(found.shape == expected.shape)
      let peak = expected.asFloats.map { abs($0) }.max() ?? 0
      for (a, b) in zip(found.asFloats, expected.asFloats) {
        #expect(abs(a - b) <= 1e-5 * max(peak, 1))
      }
      #expect(peak > 0, "a network of zeros shows nothing")
      return (result, report)
    }
  }

  private func convolution(group: Int = 1, padding: Int = 0) -> Operation {
    var attributes = ConvolutionAttributes()
    attributes.group = group
    attributes.padding = Padding(top: padding, left: padding, bottom: padding, right: padding)
    return .convolution(attributes)
  }

  @Test func batchNormalization_behindGroupedTransposedConvolution_folds() throws {
    var maker = Maker([1, 4, 3, 3])
    maker.constant("w", [4, 3, 2, 2])
    for name in ["s", "b", "m"] { maker.constant(name, [6]) }
    maker.constant("v", [6], [1, 2, 3, 0.5, 1, 1])
    var attributes = TransposedConvolutionAttributes()
    attributes.group = 2
    attributes.stride = Extent(2, 2)
    maker.node(.transposedConvolution(attributes), ["x", "w"], "t")
    maker.node(.batchNormalization(epsilon: 1e-3), ["t", "s", "b", "m", "v"], "n")
    maker.node(.activation(.relu), ["n"], "y")
    let (graph, _) = try maker.rewritten()
    #expect(graph.operatorCounts == ["ConvTranspose": 1])
    #expect(graph.nodes[0].activation == .relu)
  }

  @Test func batchNormalization_withoutLayerBefore_becomesDepthwise() throws {
    var maker = Maker([1, 3, 4, 4])
    for name in ["s", "b", "m"] { maker.constant(name, [3]) }
    maker.constant("v", [3], [1, 2, 3])
    maker.node(.batchNormalization(epsilon: 1e-3), ["x", "s", "b", "m", "v"], "y")
    #expect(try maker.rewritten().graph.operatorCounts == ["Conv": 1])
  }

  @Test func factorAndOffset_behindConvolution_fold() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [5, 3, 1, 1])
    maker.constant("f", [1, 5, 1, 1])
    maker.constant("o", [5, 1, 1])
    maker.constant("two", [], [2])
    maker.node(convolution(), ["x", "w"], "c")
    maker.node(.binary(.multiply), ["f", "c"], "m")
    maker.node(.binary(.subtract), ["m", "o"], "a")
    maker.node(.binary(.divide), ["a", "two"], "y")
    #expect(try maker.rewritten().graph.operatorCounts == ["Conv": 1])
  }

  @Test(arguments: [true, false]) func hardSwish_spelledOut_isFound(dividesFirst: Bool) throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    for (name, value) in [("three", Float(3)), ("zero", 0), ("six", 6)] {
      maker.constant(name, [], [value])
    }
    maker.node(convolution(), ["x", "w"], "c")
    maker.node(.binary(.add), ["c", "three"], "s")
    maker.node(.clip, ["s", "zero", "six"], "k")
    if dividesFirst {
      maker.node(.binary(.divide), ["k", "six"], "g")
      maker.node(.binary(.multiply), ["c", "g"], "y")
    } else {
      maker.node(.binary(.multiply), ["c", "k"], "g")
      maker.node(.binary(.divide), ["g", "six"], "y")
    }
    let (graph, _) = try maker.rewritten()
    #expect(graph.nodes.map(\.activation) == [.hardSwish])
  }

  @Test func silu_ofConvolution_isFused() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    maker.node(convolution(), ["x", "w"], "c")
    maker.node(.activation(.sigmoid), ["c"], "g")
    maker.node(.binary(.multiply), ["g", "c"], "y")
    #expect(try maker.rewritten().graph.nodes.map(\.activation) == [.silu])
  }

  @Test func silu_whoseGateIsReadElsewhere_stays() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.node(.activation(.sigmoid), ["x"], "g")
    maker.node(.binary(.multiply), ["g", "x"], "m")
    maker.node(.binary(.add), ["m", "g"], "y")
    #expect(
      try maker.rewritten().graph.operatorCounts == ["Sigmoid": 1, "Mul": 1, "Add": 1])
  }

  @Test func padding_ofZeros_joinsTheConvolution() throws {
    var maker = Maker([1, 3, 5, 5])
    maker.constant("w", [3, 1, 3, 3])
    maker.integers("pads", [0, 0, 0, 1, 0, 0, 2, 1])
    maker.node(.pad(PadAttributes()), ["x", "pads"], "p")
    maker.node(convolution(group: 3), ["p", "w"], "y")
    let (graph, _) = try maker.rewritten()
    guard case .convolution(let attributes) = graph.nodes[0].operation else {
      Issue.record("no convolution")
      return
    }
    #expect(attributes.padding == Padding(top: 0, left: 1, bottom: 2, right: 1))
  }

  @Test func padding_ofOnes_stays() throws {
    var maker = Maker([1, 3, 5, 5])
    maker.constant("w", [3, 1, 3, 3])
    maker.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
    maker.constant("one", [], [1])
    maker.node(.pad(PadAttributes()), ["x", "pads", "one"], "p")
    maker.node(convolution(group: 3), ["p", "w"], "y")
    #expect(try maker.rewritten().graph.operatorCounts == ["Pad": 1, "Conv": 1])
  }

  @Test func focusStem_anyOrderOfCorners_isOneConvolution() throws {
    var maker = Maker([1, 3, 8, 6])
    maker.constant("w", [4, 12, 3, 3])
    for (index, corner) in [(0, 0), (1, 0), (0, 1), (1, 1)].enumerated() {
      var slice = SliceAttributes()
      slice.axes = [2, 3]
      slice.starts = [corner.0, corner.1]
      slice.ends = [Int.max, Int.max]
      slice.steps = [2, 2]
      maker.node(.slice(slice), ["x"], "s\(index)")
    }
    maker.node(.concat(axis: 1), ["s0", "s1", "s2", "s3"], "k")
    maker.node(convolution(padding: 1), ["k", "w"], "y")
    let (graph, _) = try maker.rewritten()
    #expect(graph.operatorCounts == ["Conv": 1])
    #expect(graph.shapes[graph.nodes[0].inputs[1]] == [4, 3, 6, 6])
  }

  @Test(arguments: [true, false])
  func denseLayers_behindImage_becomeConvolutions(isTransposed: Bool) throws {
    var maker = Maker([1, 3, 2, 4])
    maker.constant("a", [24, 5])
    maker.constant("b", [5])
    maker.constant("c", [5, 2])
    var image = "x"
    if isTransposed {
      maker.node(.transpose(permutation: [0, 2, 3, 1]), ["x"], "t")
      image = "t"
    }
    maker.node(.flatten(axis: 1), [image], "f")
    maker.node(.matMul, ["f", "a"], "m")
    maker.node(.binary(.add), ["m", "b"], "s")
    maker.node(.activation(.relu), ["s"], "r")
    maker.node(.gemm(GemmAttributes()), ["r", "c"], "g")
    maker.node(.softmax(axis: -1), ["g"], "y")
    let (graph, report) = try maker.rewritten()
    #expect(graph.operatorCounts == ["Conv": 2, "Softmax": 1])
    #expect(report.cut.count == 1 && graph.shapes[graph.outputs[0]] == [1, 2, 1, 1])
  }

  @Test func residual_ofTwoConvolutions_joinsTheLater() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    maker.constant("v", [3, 3, 1, 1])
    maker.node(convolution(), ["x", "w"], "a")
    maker.node(convolution(), ["x", "v"], "b")
    maker.node(.binary(.add), ["b", "a"], "s")
    maker.node(.activation(.relu), ["s"], "y")
    let (graph, _) = try maker.rewritten()
    #expect(graph.nodes.count == 2)
    #expect(graph.nodes[1].inputs == ["x", "v", "", "a"])
    #expect(graph.nodes[1].addsResidual && graph.nodes[1].activation == .relu)
  }

  @Test func residual_behindActivation_staysAnAddition() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    maker.node(convolution(), ["x", "w"], "a")
    maker.node(.activation(.relu), ["a"], "r")
    maker.node(.binary(.add), ["r", "x"], "y")
    #expect(try maker.rewritten().graph.operatorCounts == ["Conv": 1, "Add": 1])
  }

  @Test func squeezeExcite_withDenseGate_isRecognised() throws {
    var maker = Maker([1, 4, 3, 3])
    maker.constant("w", [4, 2])
    maker.constant("v", [2, 4])
    maker.integers("shape", [-1, 4, 1, 1])
    var mean = ReduceAttributes(function: .mean)
    mean.axes = [-1, -2]
    mean.keepsAxes = false
    maker.node(.reduce(mean), ["x"], "p")
    maker.node(.gemm(GemmAttributes()), ["p", "w"], "d")
    maker.node(.activation(.relu), ["d"], "r")
    maker.node(.gemm(GemmAttributes()), ["r", "v"], "e")
    maker.node(.activation(.sigmoid), ["e"], "s")
    maker.node(.reshape(shape: nil, allowsZero: false), ["s", "shape"], "g")
    maker.node(.binary(.multiply), ["g", "x"], "y")
    let (graph, _) = try maker.rewritten()
    #expect(graph.operatorCounts == ["GlobalAveragePool": 1, "Conv": 2, "Mul": 1])
    #expect(graph.squeezeExcites.map(\.scale) == ["y"])
    #expect(graph.squeezeExcites.map(\.input) == ["x"])
  }

  @Test func quantizedActivations_areTakenAsFloat() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    maker.constant("scale", [], [1e-5])
    maker.graph.constants["zero"] = Tensor(shape: [], integers: [0])
    maker.graph.constants["weights"] = Tensor(
      shape: [3, 3, 1, 1], integers: [1, -2, 3, -4, 5, -6, 7, -8, 9])
    let wide = Int64(1) << 40
    maker.node(
      .quantizeLinear(axis: 1, blockSize: 0, minimum: -wide, maximum: wide),
      ["x", "scale", "zero"], "q")
    maker.node(.dequantizeLinear(axis: 1, blockSize: 0), ["q", "scale", "zero"], "d")
    maker.node(.dequantizeLinear(axis: 1, blockSize: 0), ["weights", "scale", "zero"], "k")
    maker.node(convolution(), ["d", "w"], "c")
    maker.node(convolution(), ["c", "k"], "small")
    maker.constant("large", [], [1e5])
    maker.node(.binary(.multiply), ["small", "large"], "y")
    #expect(try maker.rewritten().graph.operatorCounts == ["Conv": 2])
  }

  @Test func quantizedActivation_withLowestZeroPoint_leavesRelu() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [3, 3, 1, 1])
    maker.constant("scale", [], [1e-6])
    maker.graph.constants["zero"] = Tensor(shape: [], integers: [0])
    maker.node(convolution(), ["x", "w"], "c")
    maker.node(
      .quantizeLinear(axis: 1, blockSize: 0, minimum: 0, maximum: 1 << 40),
      ["c", "scale", "zero"], "q")
    maker.node(.dequantizeLinear(axis: 1, blockSize: 0), ["q", "scale", "zero"], "y")
    let (graph, _) = try maker.rewritten()
    #expect(graph.nodes.map(\.activation) == [.relu])
  }

  @Test func trailingLayout_ofTwoHeads_isCut() throws {
    var maker = Maker([1, 4, 3, 3])
    maker.constant("w", [2, 4, 1, 1])
    maker.integers("shape", [1, 2, -1])
    maker.node(convolution(), ["x", "w"], "a")
    maker.node(.activation(.sigmoid), ["a"], "s")
    maker.node(.reshape(shape: nil, allowsZero: false), ["a", "shape"], "p")
    maker.node(.reshape(shape: nil, allowsZero: false), ["s", "shape"], "q")
    maker.node(.concat(axis: 2), ["p", "q"], "k")
    maker.node(.transpose(permutation: [0, 2, 1]), ["k"], "y")
    let (graph, report) = try maker.rewritten()
    #expect(graph.outputs == ["a", "s"])
    #expect(report.cut.map(\.operation.name) == ["Reshape", "Reshape", "Concat", "Transpose"])
    #expect(report.originalOutputs == ["y"])
  }

  @Test func deadCode_andConstants_vanish() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.constant("w", [1])
    maker.node(.binary(.add), ["x", "w"], "unused")
    maker.node(.dropout, ["x"], "d")
    maker.node(.activation(.tanh), ["d"], "y")
    let (graph, report) = try maker.rewritten()
    #expect(graph.operatorCounts == ["Tanh": 1] && graph.constants.isEmpty)
    #expect(report.nodesBefore == 3 && report.nodesAfter == 1)
  }

  @Test func interpreter_wrongInput_isRefused() throws {
    var maker = Maker([1, 3, 4, 4])
    maker.node(.activation(.relu), ["x"], "y")
    let error = try #require(throws: SwiftletError.self) {
      try Interpreter.run(maker.graph, inputs: ["x": Tensor(shape: [1], floats: [0])])
    }
    #expect(error.code == .badGraphInput)
  }

  @Test func interpreter_observer_seesEveryValueInOrder() throws {
    var maker = Maker([1, 1, 2, 2])
    maker.node(.activation(.relu), ["x"], "a")
    maker.node(.unary(.negate), ["a"], "b")
    maker.node(.binary(.add), ["a", "b"], "y")
    var seen: [String] = []
    let x = Tensor(shape: [1, 1, 2, 2], floats: [1, -2, 3, -4])
    _ = try Interpreter.run(maker.graph, inputs: ["x": x]) { name, tensor in
      seen.append(name)
      #expect(tensor.shape == [1, 1, 2, 2])
    }
    #expect(seen == ["a", "b", "y"])
  }
}
