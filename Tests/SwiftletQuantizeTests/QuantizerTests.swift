import SwiftletCore
import SwiftletGraph
import SwiftletQuantize
import SwiftletWriter
import Testing

@Suite struct QuantizerTests {
  private func network(allZero: Bool = false) -> Graph {
    var g = TinyGraph(seed: 21)
    g.convolve(3, 16, 3, stride: 2, pad: 1, activation: .hardSwish)
    let x = g.convolve(16, 24, activation: .clip(minimum: 0, maximum: 6))
    g.convolve(24, 24, 3, pad: 1, group: 24, activation: .relu)
    let last = g.convolve(24, 24)
    if allZero {
      let weights = g.graph.nodes.last!.inputs[1]
      g.graph.constants[weights] = Tensor(
        shape: [24, 24, 1, 1], floats: [Float](repeating: 0, count: 576))
    }
    g.add(.binary(.add), [x, last])
    g.convolve(24, 20, 3, pad: 1, activation: .relu)
    g.add(.globalAveragePool)
    g.convolve(20, 30)
    return g.finished()
  }

  private func score(
    _ network: QuantizedNetwork, _ graph: Graph, isCoarse: Bool = false
  ) -> Double {
    let photos = randomPhotos(graph, count: 24)
    let simulator = IntegerSimulator(network, isCoarse: isCoarse)
    var (found, wanted) = ([Float](), [Float]())
    for i in 16..<24 {
      found += simulator.run(pixels: photos.pixels(i))[0]
      wanted += interpret(graph, photos.pixels(i), mean: 120, deviation: 60)[0]
    }
    return signalToNoise(found, wanted)
  }

  private func quantize(
    _ graph: Graph, _ weights: WeightOption, threads: Int = 1
  ) throws -> (network: QuantizedNetwork, report: QuantizeReport) {
    var options = testOptions(weights)
    options.threads = threads
    return try Quantizer(options).quantize(graph: graph, photos: randomPhotos(graph, count: 16))
  }

  @Test func quantize_eachForm_keepsItsPrecision() throws {
    let graph = network()
    let four = score(try quantize(graph, .four).network, graph)
    let eight = try quantize(graph, .eight).network
    let whole = score(try quantize(graph, .int8).network, graph)
    #expect(four > 17)
    #expect(whole > 27)
    #expect(score(eight, graph) > 26)
    #expect(score(eight, graph, isCoarse: true) > four - 4)
  }

  @Test(arguments: WeightOption.allCases)
  func quantize_twice_givesTheSameNetwork(_ weights: WeightOption) throws {
    let graph = network()
    let one = try quantize(graph, weights, threads: 1)
    let three = try quantize(graph, weights, threads: 3)
    for (a, b) in zip(one.network.operators, three.network.operators) {
      #expect(a.constants?.scale == b.constants?.scale)
      #expect(a.constants?.biasU8 == b.constants?.biasU8)
      if let x = a.weights, let y = b.weights {
        let depth = x.codeCount / max(a.constants!.scale.count, 1)
        #expect(
          IntegerSimulator.decode(x, depth: depth, isCoarse: false)
            == IntegerSimulator.decode(y, depth: depth, isCoarse: false))
      }
    }
    #expect(one.report.rangeRule == three.report.rangeRule)
  }

  @Test(arguments: WeightOption.allCases)
  func quantize_allZeroLayer_computesItsBias(_ weights: WeightOption) throws {
    let graph = network(allZero: true)
    let result = try quantize(graph, weights).network
    for op in result.operators {
      for constants in [op.constants, op.coarseConstants] {
        guard let constants else { continue }
        #expect(constants.scale.allSatisfy { $0 > 0 && $0.isFinite })
      }
    }
    #expect(score(result, graph) > 17)
  }

  @Test func quantize_constantPhotos_doNotDivideByZero() throws {
    let graph = network()
    let photos = CalibrationPhotos(count: 2) { _ in [UInt8](repeating: 120, count: 360) }
    let result = try Quantizer(testOptions(.four)).quantize(graph: graph, photos: photos)
    let simulator = IntegerSimulator(result.network)
    #expect(simulator.run(pixels: photos.pixels(0))[0].allSatisfy { $0.isFinite })
  }

  @Test func quantize_four_followsTheRulesOfTheFile() throws {
    let graph = network()
    let (result, report) = try quantize(graph, .four)
    for op in result.operators {
      guard let weights = op.weights else { continue }
      switch weights {
      case .int8: #expect(op.code != .convolution)
      case .code4(_, let tables, _):
        #expect(op.code == .convolution)
        // Channels that are no multiple of 8 need an exact zero.
        if result.tensors[op.inputs[0]].channels % 8 != 0 {
          #expect(tables.allSatisfy { $0.contains(0) })
        }
      case .nested8: Issue.record("two planes were not asked for")
      }
    }
    #expect(report.layers.count == 6)
    #expect(report.layers.allSatisfy { $0.weightSQNR > 10 })
  }

  @Test func quantize_tensorBeforeDepthwise_hasARangeForEachChannel() throws {
    let graph = OperatorCase.perChannelChain.graph()
    let result = try Quantizer(testOptions()).quantize(
      graph: graph, photos: randomPhotos(graph, count: 4)
    ).network
    let found = result.tensors.filter { $0.kind == .uint8PerChannel }
    #expect(found.count == 1 && found[0].scales.count == 40 && found[0].zeroPoints.count == 40)
  }

  @Test func quantize_relu6_startsAtZeroAndEndsBySix() throws {
    let result = try quantize(network(), .int8).network
    let tensor = result.tensors[result.operators[1].output]
    #expect(tensor.zeroPoints == [0])
    #expect(tensor.scales[0] * 255 <= 6.0001)
  }

  @Test func quantize_mixed_staysWithinItsSize() throws {
    let graph = network()
    var options = testOptions(.mixed)
    options.mixedSize = 1.3
    let (_, mixed) = try Quantizer(options).quantize(
      graph: graph, photos: randomPhotos(graph, count: 8))
    let four = try quantize(graph, .four).report
    #expect(mixed.weightBytes <= Int(Double(four.weightBytes) * 1.3))
    func raised(_ report: QuantizeReport) -> Int {
      report.layers.filter { $0.form == "int8" }.count
    }
    #expect(raised(mixed) > raised(four))
  }

  @Test func quantize_badInput_namesIt() {
    let graph = network()
    func code(_ options: QuantizeOptions, _ photos: CalibrationPhotos) -> ErrorCode? {
      do {
        _ = try Quantizer(options).quantize(graph: graph, photos: photos)
        return nil
      } catch { return error.code }
    }
    #expect(code(testOptions(), CalibrationPhotos(count: 0) { _ in [] }) == .noCalibration)
    #expect(code(testOptions(), CalibrationPhotos(count: 1) { _ in [1, 2] }) == .noCalibration)
    var odd = testOptions()
    odd.channelsPerTable = 6
    #expect(code(odd, randomPhotos(graph, count: 1)) == .badWeightOption)
    var flat = testOptions()
    flat.preprocessing.std = [0, 1, 1]
    #expect(code(flat, randomPhotos(graph, count: 1)) == .notQuantizable)
  }
}

extension QuantizedWeights {
  var codeCount: Int {
    switch self {
    case .int8(let values): values.count
    case .code4(let codes, _, _): codes.count
    case .nested8(let codes, _, _, _, _): codes.count
    }
  }
}
