import SwiftletCore
import SwiftletGraph
import SwiftletQuantize
import SwiftletWriter
import Testing

/// Small graphs that hold each operator once.
enum OperatorCase: String, CaseIterable, CustomTestStringConvertible {
  case convolution, strided, dilated, grouped, depthwise, residual, hardSwish, hardSigmoid
  case relu6, siluFused, leakyFused, gemm, gemmOfImage, normalization, scaleByConstant, subtract
  case multiply, squeezeExcite, averagePool, averagePoolCounting, maxPool, maxPoolCeil, reduceMean
  case concat, concatOfClamped, concatOfSix, split, slice, sliceSpatial, pad, resizeNearest
  case resizeLinear, transposed, transposedDepthwise, prelu, softmax, lookup, focus, oddChannels
  case perChannelChain, imageReadTwice

  var testDescription: String { rawValue }

  func graph() -> Graph {
    var g = TinyGraph()
    if self != .focus && self != .imageReadTwice {
      g.convolve(3, 16, 3, pad: 1, activation: .relu)
    }
    let x = g.value
    switch self {
    case .convolution: g.convolve(16, 24, 3, pad: 1)
    case .strided: g.convolve(16, 16, 3, stride: 2, pad: 1, activation: .relu)
    case .dilated: g.convolve(16, 16, 3, pad: 2, dilation: 2)
    case .grouped: g.convolve(16, 32, 3, pad: 1, group: 4)
    case .depthwise: g.convolve(16, 16, 5, pad: 2, group: 16)
    case .residual: g.convolve(16, 16, residual: x, activation: .relu)
    case .hardSwish: g.convolve(16, 16, activation: .hardSwish)
    case .hardSigmoid: g.convolve(16, 16, activation: .hardSigmoid(alpha: 1 / 6, beta: 0.5))
    case .relu6: g.convolve(16, 16, activation: .clip(minimum: 0, maximum: 0.7))
    case .siluFused: g.convolve(16, 16, activation: .silu)
    case .leakyFused: g.convolve(16, 16, residual: x, activation: .leakyRelu(alpha: 0.1))
    case .gemm, .softmax:
      g.add(.globalAveragePool)
      g.add(.flatten(axis: 1))
      var attributes = GemmAttributes()
      attributes.transposesB = true
      g.add(.gemm(attributes), [g.value, g.constant([20, 16], scale: 1), g.constant([20])])
      if self == .softmax { g.add(.softmax(axis: 1)) }
    case .gemmOfImage:
      g.convolve(16, 5)
      g.add(.flatten(axis: 1))
      g.add(
        .gemm(GemmAttributes()), [g.value, g.constant([600, 7], scale: 0.05), g.constant([7])])
    case .normalization:
      let names = [
        g.constant([16]), g.constant([16]), g.constant([16]),
        g.constant([16], scale: 0.1, shift: 1),
      ]
      g.add(.batchNormalization(epsilon: 1e-3), [x] + names)
    case .scaleByConstant: g.add(.binary(.multiply), [x, g.constant([1, 16, 1, 1])])
    case .subtract:
      let y = g.convolve(16, 16, on: x)
      g.add(.binary(.subtract), [x, y])
    case .multiply:
      let y = g.convolve(16, 16, on: x)
      g.add(.binary(.multiply), [x, y])
    case .squeezeExcite:
      g.add(.globalAveragePool)
      g.convolve(16, 8, activation: .relu)
      let gate = g.convolve(8, 16, activation: .hardSigmoid(alpha: 0.2, beta: 0.5))
      g.add(.binary(.multiply), [x, gate])
    case .averagePool, .averagePoolCounting:
      var pool = PoolAttributes(kernel: Extent(3, 3))
      pool.padding = Padding(top: 1, left: 1, bottom: 1, right: 1)
      pool.countsPadding = self == .averagePoolCounting
      g.add(.averagePool(pool))
    case .maxPool, .maxPoolCeil:
      var pool = PoolAttributes(kernel: Extent(3, 3))
      pool.stride = Extent(2, 2)
      pool.roundsUp = self == .maxPoolCeil
      g.add(.maxPool(pool))
    case .reduceMean:
      var reduce = ReduceAttributes(function: .mean)
      reduce.axes = [2, 3]
      g.add(.reduce(reduce))
    case .concat:
      let y = g.convolve(16, 8, on: x)
      g.add(.concat(axis: 1), [x, y])
      g.convolve(24, 8)
    case .concatOfClamped:
      let y = g.convolve(16, 8, on: x)
      let z = g.convolve(16, 8, on: x, activation: .clip(minimum: 0, maximum: 0.5))
      g.add(.concat(axis: 1), [y, z])
      g.convolve(16, 8)
    case .concatOfSix:
      let parts = (0..<6).map { _ in g.convolve(16, 8, on: x) }
      g.add(.concat(axis: 1), parts)
      g.convolve(48, 8)
    case .split:
      let first = g.add(.split(axis: 1, sizes: [4, 12]), outputs: 2)
      let a = g.convolve(4, 8, on: first)
      let b = g.convolve(12, 8, on: first + ".1")
      g.add(.binary(.add), [a, b])
    case .slice, .sliceSpatial:
      var slice = SliceAttributes()
      slice.starts = self == .slice ? [3] : [1, 0]
      slice.ends = self == .slice ? [11] : [9, 100]
      slice.axes = self == .slice ? [1] : [2, 3]
      slice.steps = self == .slice ? [1] : [2, 3]
      g.add(.slice(slice))
    case .pad:
      var pad = PadAttributes()
      (pad.before, pad.after) = ([0, 0, 1, 2], [0, 0, 0, 1])
      g.add(.pad(pad))
    case .resizeNearest, .resizeLinear:
      var resize = ResizeAttributes()
      resize.isLinear = self == .resizeLinear
      resize.sizes = [1, 16, 24, 15]
      g.add(.resize(resize))
    case .transposed, .transposedDepthwise:
      var attributes = TransposedConvolutionAttributes()
      attributes.kernel = Extent(4, 4)
      attributes.stride = Extent(2, 2)
      attributes.padding = Padding(top: 1, left: 1, bottom: 1, right: 1)
      attributes.group = self == .transposed ? 1 : 16
      let weights = g.constant([16, self == .transposed ? 6 : 1, 4, 4], scale: 0.2)
      g.add(.transposedConvolution(attributes), [x, weights])
    case .prelu:
      let y = g.convolve(16, 16)
      g.add(.prelu, [y, g.constant([16, 1, 1], scale: 0.3)])
    case .lookup:
      g.convolve(16, 16)
      g.add(.activation(.tanh))
    case .focus:
      var parts: [String] = []
      for (top, left) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        var slice = SliceAttributes()
        (slice.starts, slice.ends) = ([top, left], [100, 100])
        (slice.axes, slice.steps) = ([2, 3], [2, 2])
        parts.append(g.add(.slice(slice), ["image"]))
      }
      g.add(.concat(axis: 1), parts)
      g.convolve(12, 16, 3, pad: 1, activation: .silu)
    case .oddChannels:
      g.convolve(16, 13, activation: .relu)
      g.convolve(13, 21, 3, pad: 1, activation: .relu)
      g.convolve(21, 5)
    case .perChannelChain:
      g.convolve(16, 40, activation: .hardSwish)
      g.convolve(40, 40, 3, stride: 2, pad: 1, group: 40, activation: .relu)
      g.convolve(40, 12)
    case .imageReadTwice:
      let a = g.convolve(3, 8, 3, pad: 1, on: "image")
      let b = g.convolve(3, 8, 5, pad: 2, on: "image")
      g.add(.binary(.add), [a, b])
    }
    return g.finished()
  }

  /// Rounding to bytes between layers costs this much, in dB.
  var bar: Double {
    switch self {
    case .multiply, .concatOfClamped: 27
    case .softmax: 25
    default: 30
    }
  }
}

@Suite struct LoweringTests {
  @Test(arguments: OperatorCase.allCases)
  func lower_eachOperator_floatPlanMatchesInterpreter(_ one: OperatorCase) throws {
    let graph = one.graph()
    let photo = randomPhotos(graph, count: 1).pixels(0)
    // A whole mean, so that the padding of the image is exact.
    let plan = try Lowering.lower(graph, mean: [120], deviation: [60])
    let executor = FloatExecutor(plan)
    let found = executor.run(executor.image(photo))
    let wanted = interpret(graph, photo, mean: 120, deviation: 60)
    #expect(found.count == wanted.count)
    #expect(found[0].count == wanted[0].count)
    #expect(signalToNoise(found[0], wanted[0]) > 90)
  }

  @Test(arguments: OperatorCase.allCases)
  func quantize_eachOperator_integersMatchFloat(_ one: OperatorCase) throws {
    let graph = one.graph()
    let photos = randomPhotos(graph, count: 8)
    let (network, report) = try Quantizer(testOptions()).quantize(graph: graph, photos: photos)
    let simulator = IntegerSimulator(network)
    for i in [0, 5] {
      let found = simulator.run(pixels: photos.pixels(i))
      let wanted = interpret(graph, photos.pixels(i), mean: 120, deviation: 60)
      #expect(signalToNoise(found[0], wanted[0]) > one.bar)
    }
    #expect(report.layers.allSatisfy { $0.outputSQNR > 20 })
  }

  /// The writer verifies what it writes: shapes, sums, ranges, codebooks.
  @Test(arguments: OperatorCase.allCases, [WeightOption.four, .eight, .int8])
  func quantize_eachOperator_canBeWritten(_ one: OperatorCase, _ weights: WeightOption) throws {
    let graph = one.graph()
    let network = try Quantizer(testOptions(weights)).quantize(
      graph: graph, photos: randomPhotos(graph, count: 2)
    ).network
    #expect(try !ModelWriter.write(network).isEmpty)
  }

  @Test func lower_squeezeExcite_usesTheGateOperator() throws {
    let plan = try Lowering.lower(
      OperatorCase.squeezeExcite.graph(), mean: [0], deviation: [1])
    #expect(plan.steps.contains { if case .scaleChannels = $0.kind { true } else { false } })
  }

  @Test func lower_rearrangedOutputs_becomeRawHeads() throws {
    var g = TinyGraph()
    let a = g.convolve(3, 6, 3, pad: 1)
    let b = g.convolve(6, 4, activation: .sigmoid)
    g.add(.concat(axis: 1), [a, b])
    g.add(.reshape(shape: [1, 10, 120], allowsZero: false))
    g.add(.transpose(permutation: [0, 2, 1]))
    let plan = try Lowering.lower(g.finished(), mean: [0], deviation: [1])
    #expect(plan.outputs.map { plan.tensors[$0].channels } == [6, 4])
    #expect(plan.outputs.allSatisfy { plan.tensors[$0].isFloat })
  }

  @Test func lower_unsupportedNodes_areAllListed() throws {
    var g = TinyGraph()
    let x = g.convolve(3, 8)
    let y = g.convolve(8, 8)
    let product = g.add(.binary(.divide), [x, y])
    let tall = g.add(.reduce(ReduceAttributes(function: .maximum)), [x])
    do {
      _ = try Lowering.lower(g.finished([product, tall]), mean: [0], deviation: [1])
      Issue.record("lowered what the runtime lacks")
    } catch {
      #expect(error.code == .notQuantizable)
      #expect(error.found.contains("divide") && error.found.contains("mean over height"))
      #expect(error.found.contains("2 without"))
    }
  }
}
