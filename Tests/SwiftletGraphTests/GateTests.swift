import SwiftletCore
import SwiftletGraph
import Testing

/// Masks of 16 channels: which are recognised, and what they compute.
struct GateTests {
  enum Flaw: CaseIterable {
    case unequalRow, unequalBias, thresholdPerChannel, scoresReadTwice, maskReadTwice, activation
    case notPooled, less
  }

  /// x -> mean -> scores -> mask; Mul(Relu(Conv(x)), mask), with one thing wrong if asked.
  private func masked(
    _ channels: Int, maskFirst: Bool = false, flaw: Flaw? = nil
  ) -> RewriteTests.Maker {
    var maker = RewriteTests.Maker([1, 6, 5, 4])
    maker.constant("w", [channels, 6, 1, 1])
    var (rows, biases) = ([Float](), [Float]())
    for channel in 0..<channels {
      let isFirst = channel % 16 == 0
      rows += isFirst ? maker.random(6).map { $0 * 4 } : rows.suffix(6)
      biases += isFirst ? maker.random(1) : biases.suffix(1)
    }
    if flaw == .unequalRow { rows[6 * 17 + 2] += 0.25 }
    if flaw == .unequalBias { biases[1] += 0.25 }
    maker.constant("rows", [channels, 6, 1, 1], rows)
    maker.constant("biases", [channels], biases)
    let isSingle = flaw != .thresholdPerChannel
    maker.constant("threshold", [1, isSingle ? 1 : channels, 1, 1], isSingle ? [0.125] : nil)
    maker.node(.convolution(ConvolutionAttributes()), ["x", "w"], "sum")
    maker.node(.activation(.relu), ["sum"], "hidden")
    if flaw == .notPooled {
      var pool = PoolAttributes(kernel: Extent(2, 2))
      pool.stride = Extent(5, 4)
      maker.node(.maxPool(pool), ["x"], "mean")
    } else {
      maker.node(.globalAveragePool, ["x"], "mean")
    }
    maker.node(.convolution(ConvolutionAttributes()), ["mean", "rows", "biases"], "raw")
    let isActive = flaw == .activation
    maker.node(.activation(isActive ? .hardSwish : .none), ["raw"], "scores")
    maker.node(.binary(flaw == .less ? .less : .greater), ["scores", "threshold"], "above")
    maker.node(.cast(.float), ["above"], "mask")
    maker.node(.binary(.multiply), maskFirst ? ["mask", "hidden"] : ["hidden", "mask"], "gated")
    switch flaw {
    case .scoresReadTwice: maker.node(.binary(.add), ["gated", "scores"], "y")
    case .maskReadTwice: maker.node(.binary(.add), ["gated", "mask"], "y")
    // The ungated value beside it: a closed gate alone would leave nothing to compare.
    default: maker.node(.binary(.add), ["gated", "hidden"], "y")
    }
    return maker
  }

  @Test(arguments: [16, 32, 40, 7], [false, true])
  func mask_ofGroups_becomesOneGate(channels: Int, maskFirst: Bool) throws {
    var maker = masked(channels, maskFirst: maskFirst)
    let (graph, report) = try maker.rewritten()
    let gate = try #require(graph.nodes.first { $0.operation == .gate(threshold: 0.125) })
    #expect(gate.inputs[0] == "hidden")
    #expect(graph.shapes[gate.inputs[1]] == [1, (channels + 15) / 16, 1, 1])
    #expect(report.operatorsAfter["Greater"] == nil)
    #expect(report.operatorsAfter["Cast"] == nil)
    #expect(report.passes.first { $0.name == "gates" }?.changes == 1)
  }

  @Test(arguments: Flaw.allCases) func mask_ofAnotherForm_staysAsItIs(_ flaw: Flaw) throws {
    var maker = masked(32, flaw: flaw)
    let (graph, report) = try maker.rewritten()
    #expect(report.passes.first { $0.name == "gates" }?.changes == 0)
    #expect(graph.nodes.contains { $0.operation == .cast(.float) })
  }

  @Test func gate_interpreted_equalsPlainLoop() throws {
    var maker = RewriteTests.Maker([2, 40, 3, 2])
    maker.graph.inputs.append(GraphInput(name: "s", shape: [2, 3, 1, 1]))
    maker.node(.gate(threshold: 0.25), ["x", "s"], "y")
    let x = maker.random(2 * 40 * 6)
    let scores: [Float] = [0.3, 0.25, -1, 0, 7, 0.26]
    let found = try Interpreter.run(
      maker.graph,
      inputs: [
        "x": Tensor(shape: [2, 40, 3, 2], floats: x),
        "s": Tensor(shape: [2, 3, 1, 1], floats: scores),
      ])
    var wanted = x
    for n in 0..<2 {
      for c in 0..<40 where scores[n * 3 + c / 16] <= 0.25 {
        for i in 0..<6 { wanted[(n * 40 + c) * 6 + i] = 0 }
      }
    }
    #expect(found["y"]?.floats == wanted)
  }

  @Test func gates_opened_leaveTheUngatedValue() throws {
    var maker = RewriteTests.Maker([1, 16, 3, 2])
    maker.constant("s", [1, 1, 1, 1], [-1])
    maker.node(.gate(threshold: 0), ["x", "s"], "y")
    let x = Tensor(shape: [1, 16, 3, 2], floats: maker.random(96))
    let closed = try Interpreter.run(maker.graph, inputs: ["x": x])["y"]
    #expect(closed?.asFloats.allSatisfy { $0 == 0 } == true)
    #expect(try Interpreter.run(maker.graph.openingGates(), inputs: ["x": x])["y"] == x)
  }

  @Test func gate_scoresOfAnotherCount_areRefused() throws {
    var maker = RewriteTests.Maker([1, 40, 3, 2])
    maker.constant("s", [1, 2, 1, 1])
    maker.node(.gate(threshold: 0), ["x", "s"], "y")
    var graph = maker.graph
    #expect(throws: SwiftletError.self) { try graph.inferShapes() }
  }
}
