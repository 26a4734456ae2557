import Foundation
import Swiftlet
import SwiftletCore
import SwiftletGraph
import SwiftletQuantize
import SwiftletVision
import SwiftletWriter
import Testing

/// Gated graphs from lowering to the session.
@Suite struct GateTests {
  /// Two blocks whose hidden channels (48 and 32) are gated by the mean of the block's input.
  private func gated(reader: SwiftletGraph.Operation? = nil) -> Graph {
    var g = TinyGraph(seed: 5)
    g.convolve(3, 16, 3, stride: 2, pad: 1, activation: .relu)
    for hidden in [48, 32] {
      let x = g.value
      let wide = g.convolve(16, hidden, 3, pad: 1, on: x, activation: .relu)
      g.add(.globalAveragePool, [x])
      let scores = g.convolve(16, hidden / 16)
      // The first group always lives: ONNX knows no rule for a block without any.
      let bias = g.graph.nodes.last!.inputs[2]
      var values = g.graph.constants[bias]!.asFloats
      values[0] = 9
      g.graph.constants[bias] = Tensor(shape: [values.count], floats: values)
      g.add(.gate(threshold: 0), [wide, scores])
      if let reader { g.add(reader) }
      g.convolve(hidden, 16, 3, pad: 1, residual: x, activation: .relu)
    }
    g.add(.globalAveragePool)
    g.convolve(16, 10)
    return g.finished()
  }

  private let pixels = { (i: Int, graph: Graph) in randomPhotos(graph, count: 32).pixels(i) }

  /// A session of a network, which is a file as long as it lives.
  private func withSession(
    _ network: QuantizedNetwork, _ body: (inout Session) throws -> Void
  ) throws {
    let path = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString).swlt"
    try Data(ModelWriter.write(network)).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try Model(mapping: path)
    var session = try Session(model)
    try body(&session)
  }

  /// Pixels [H][W][3] into the session's input.
  private func fill(_ target: PixelTarget, _ pixels: [UInt8]) {
    for (i, byte) in pixels.enumerated() {
      let (y, x, c) = (i / 3 / target.width, i / 3 % target.width, i % 3)
      target.base.storeBytes(
        of: byte ^ target.xor, toByteOffset: y * target.line + x * 4 + c, as: UInt8.self)
    }
  }

  @Test func lower_gatedGraph_matchesInterpreter() throws {
    let graph = gated()
    let plan = try Lowering.lower(graph, mean: [120], deviation: [60])
    let executor = FloatExecutor(plan)
    var open = 0
    for i in 0..<8 {
      let image = executor.image(pixels(i, graph))
      let found = executor.run(image)[0]
      let wanted = interpret(graph, pixels(i, graph), mean: 120, deviation: 60)[0]
      #expect(signalToNoise(found, wanted) > 90)
      if signalToNoise(found, executor.run(image, isOpen: true)[0]) > 90 { open += 1 }
    }
    #expect(open < 8, "gates that are always open show nothing")
    #expect(plan.steps.filter { $0.outputGate != nil }.count == 2)
    #expect(plan.steps.filter { $0.inputGate != nil }.count == 2)
  }

  @Test(arguments: WeightOption.allCases)
  func quantize_gatedGraph_keepsItsPrecisionOpen(_ weights: WeightOption) throws {
    let graph = gated()
    let network = try Quantizer(testOptions(weights)).quantize(
      graph: graph, photos: randomPhotos(graph, count: 16)
    ).network
    #expect(network.operators.filter { $0.code == .gate }.count == 2)
    let simulator = IntegerSimulator(network)
    let executor = FloatExecutor(try Lowering.lower(graph, mean: [120], deviation: [60]))
    let bar: Double = weights == .int8 || weights == .eight ? 25 : 13
    var (found, wanted) = ([Float](), [Float]())
    for i in 16..<32 {
      found += simulator.run(pixels: pixels(i, graph))[0]
      wanted += executor.run(executor.image(pixels(i, graph)), isOpen: true)[0]
    }
    #expect(signalToNoise(found, wanted) > bar)
  }

  @Test(arguments: WeightOption.allCases)
  func session_gatedNetwork_equalsIntegerSimulation(_ weights: WeightOption) throws {
    let graph = gated()
    let network = try Quantizer(testOptions(weights)).quantize(
      graph: graph, photos: randomPhotos(graph, count: 4)
    ).network
    let simulator = IntegerSimulator(network)
    try withSession(network) { session in
      #expect(session.gateCount == 2)
      for i in 0..<6 {
        let photo = pixels(i, graph)
        var outputs: [[Float]] = []
        for shift in [nil, -Float.infinity, 0, 0.3, .infinity] as [Float?] {
          session.setGates(shift: shift)
          fill(session.input, photo)
          session.run()
          outputs.append(Array(session.output(0)))
          #expect(outputs.last == simulator.run(pixels: photo, shift: shift)[0])
        }
        #expect(outputs[0] == outputs[1])
      }
    }
  }

  @Test func lower_gateReadByPool_isRefused() {
    let graph = gated(reader: .maxPool(PoolAttributes(kernel: Extent(1, 1))))
    #expect(throws: SwiftletError.self) {
      try Lowering.lower(graph, mean: [120], deviation: [60])
    }
  }

  @Test func lower_otherMask_namesTheForm() throws {
    var g = TinyGraph(seed: 5)
    let x = g.convolve(3, 16, activation: .relu)
    g.add(.globalAveragePool)
    g.add(.binary(.greater), [g.value, g.constant([1, 16, 1, 1])])
    g.add(.cast(.float))
    g.add(.binary(.multiply), [x, g.value])
    let graph = g.finished()
    let error = try #require(throws: SwiftletError.self) {
      try Lowering.lower(graph, mean: [120], deviation: [60])
    }
    #expect(error.found.contains("docs/onnx.md"))
  }
}
