import SwiftletCore
import SwiftletGraph
import Testing

/// Channels pruned by masking vanish; outputs stay what they were.
struct DeadChannelTests {
  enum Way: CaseIterable { case direct, depthwise, pooled, dense }
  enum Obstacle: CaseIterable { case biasAlive, depthwiseBias, isOutput, residual, liveWeight }

  /// x -> Conv (8 channels, 3 of them 0) -> way -> Conv
  private func network(_ way: Way, _ obstacle: Obstacle? = nil) -> RewriteTests.Maker {
    var maker = RewriteTests.Maker([1, 3, 6, 6])
    var (weights, bias) = (maker.random(8 * 3), maker.random(8))
    for channel in [0, 4, 7] {
      for i in 0..<3 { weights[channel * 3 + i] = 0 }
      bias[channel] = channel == 4 ? -0.25 : 0  // ReLU makes 0 of it
    }
    if obstacle == .biasAlive { (bias[0], bias[4], bias[7]) = (0.1, 0.1, 0.1) }
    if obstacle == .liveWeight { (weights[1], weights[13], weights[22]) = (1, 1, 1) }
    maker.constant("w", [8, 3, 1, 1], weights)
    maker.constant("b", [8], bias)
    maker.node(.convolution(ConvolutionAttributes()), ["x", "w", "b"], "sum")
    maker.node(.activation(.relu), ["sum"], "h")
    var last = "h"
    if way == .depthwise {
      var attributes = ConvolutionAttributes()
      attributes.group = 8
      attributes.padding = Padding(top: 1, left: 1, bottom: 1, right: 1)
      maker.constant("dw", [8, 1, 3, 3])
      let isAlive = obstacle == .depthwiseBias
      maker.constant("db", [8], (0..<8).map { isAlive ? 0.1 : [0, 4, 7].contains($0) ? -1 : 0.3 })
      maker.node(.convolution(attributes), ["h", "dw", "db"], "dsum")
      maker.node(.activation(.relu), ["dsum"], "d")
      last = "d"
    } else if way == .pooled {
      var pool = PoolAttributes(kernel: Extent(2, 2))
      pool.stride = Extent(2, 2)
      maker.node(.maxPool(pool), ["h"], "p")
      last = "p"
    }
    var attributes = ConvolutionAttributes()
    if way == .dense { attributes.kernel = Extent(6, 6) }
    let kernel = way == .dense ? 6 : 1
    maker.constant("v", [8, 8, kernel, kernel])
    maker.node(.convolution(attributes), [last, "v"], obstacle == .residual ? "z" : "y")
    if obstacle == .residual { maker.node(.binary(.add), ["z", "h"], "y") }
    if obstacle == .isOutput { maker.graph.outputs.append("h") }
    return maker
  }

  @Test(arguments: Way.allCases) func channels_alwaysZero_areRemoved(_ way: Way) throws {
    var maker = network(way)
    let (graph, report) = try maker.rewritten()
    #expect(report.passes.first { $0.name == "dead channels" }?.changes == 3)
    let shapes = graph.nodes.compactMap { node in
      node.inputs.count > 1 ? graph.constants[node.inputs[1]]?.shape : nil
    }
    #expect(shapes.first == [5, 3, 1, 1])
    #expect(shapes.last?[1] == 5)
    if way == .depthwise { #expect(shapes[1] == [5, 1, 3, 3]) }
  }

  @Test(arguments: Obstacle.allCases) func channels_neededOrAlive_stay(_ one: Obstacle) throws {
    var maker = network(one == .depthwiseBias ? .depthwise : .direct, one)
    let (graph, report) = try maker.rewritten()
    #expect(report.passes.first { $0.name == "dead channels" }?.changes == 0)
    #expect(graph.constants[graph.nodes[0].inputs[1]]?.shape == [8, 3, 1, 1])
  }

  @Test func channels_allDead_oneStays() throws {
    var maker = network(.direct)
    maker.constant("w", [8, 3, 1, 1], [Float](repeating: 0, count: 24))
    maker.constant("b", [8], [Float](repeating: -1, count: 8))
    maker.constant("c", [8])
    maker.graph.nodes[2].inputs.append("c")
    let (graph, _) = try maker.rewritten()
    #expect(graph.constants[graph.nodes[0].inputs[1]]?.shape == [1, 3, 1, 1])
  }
}
