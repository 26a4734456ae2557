import SwiftletGraph
import SwiftletQuantize
import SwiftletWriter

/// Builds small graphs with random weights.
struct TinyGraph {
  var graph: Graph
  var random: SplitMix
  private var number = 0
  /// The last value made.
  var value: String

  init(_ channels: Int = 3, _ height: Int = 12, _ width: Int = 10, seed: UInt64 = 7) {
    graph = Graph(name: "tiny")
    graph.inputs = [GraphInput(name: "image", shape: [1, channels, height, width])]
    random = SplitMix(seed: seed)
    value = "image"
  }

  mutating func normal() -> Float {
    var sum: Float = 0
    for _ in 0..<6 { sum += random.unit() }
    return (sum - 3) * 1.4
  }

  mutating func constant(_ shape: [Int], scale: Float = 1, shift: Float = 0) -> String {
    number += 1
    let name = "c\(number)"
    graph.constants[name] = Tensor(
      shape: shape, floats: (0..<shape.reduce(1, *)).map { _ in normal() * scale + shift })
    return name
  }

  @discardableResult
  mutating func add(
    _ operation: Operation, _ inputs: [String]? = nil, activation: Activation = .none,
    addsResidual: Bool = false, outputs: Int = 1
  ) -> String {
    number += 1
    let names = (0..<outputs).map { "v\(number)" + ($0 == 0 ? "" : ".\($0)") }
    var node = Node(
      name: "n\(number)", operation: operation, inputs: inputs ?? [value], outputs: names)
    node.activation = activation
    node.addsResidual = addsResidual
    graph.nodes.append(node)
    value = names[0]
    return value
  }

  /// A convolution on `input` (the last value if nil).
  @discardableResult
  mutating func convolve(
    _ channels: Int, _ outputs: Int, _ kernel: Int = 1, stride: Int = 1, pad: Int = 0,
    group: Int = 1, dilation: Int = 1, on input: String? = nil, residual: String? = nil,
    activation: Activation = .none
  ) -> String {
    var attributes = ConvolutionAttributes()
    attributes.group = group
    attributes.kernel = Extent(kernel, kernel)
    attributes.stride = Extent(stride, stride)
    attributes.dilation = Extent(dilation, dilation)
    attributes.padding = Padding(top: pad, left: pad, bottom: pad, right: pad)
    let depth = Float(channels / group * kernel * kernel)
    let weights = constant(
      [outputs, channels / group, kernel, kernel], scale: 1 / depth.squareRoot())
    let bias = constant([outputs], scale: 0.3)
    return add(
      .convolution(attributes), [input ?? value, weights, bias] + (residual.map { [$0] } ?? []),
      activation: activation, addsResidual: residual != nil)
  }

  /// With outputs and shapes.
  func finished(_ outputs: [String]? = nil) -> Graph {
    var done = graph
    done.outputs = outputs ?? [value]
    do {
      _ = try done.inferShapes()
    } catch {
      fatalError("a test made an impossible graph: \(error)")
    }
    return done
  }
}

/// Photos of soft random blobs, [H][W][C].
func randomPhotos(_ graph: Graph, count: Int, seed: UInt64 = 3) -> CalibrationPhotos {
  let shape = graph.inputs[0].shape
  return CalibrationPhotos(count: count) { i in
    var random = SplitMix(seed: seed &+ UInt64(i) &* 977)
    var out = [UInt8]()
    let base = (0..<shape[1]).map { _ in random.unit() * 255 }
    for _ in 0..<shape[2] * shape[3] {
      for c in 0..<shape[1] {
        out.append(UInt8(min(max(base[c] * 0.5 + random.unit() * 128, 0), 255)))
      }
    }
    return out
  }
}

/// The graph's own answers by the float interpreter, outputs in order.
func interpret(_ graph: Graph, _ pixels: [UInt8], mean: Float, deviation: Float) -> [[Float]] {
  let input = graph.inputs[0]
  let (channels, area) = (input.shape[1], input.shape[2] * input.shape[3])
  var floats = [Float](repeating: 0, count: pixels.count)
  for c in 0..<channels {
    for i in 0..<area {
      floats[c * area + i] = (Float(pixels[i * channels + c]) - mean) / deviation
    }
  }
  do {
    let result = try Interpreter.run(
      graph, inputs: [input.name: Tensor(shape: input.shape, floats: floats)])
    return graph.outputs.map { result[$0]!.asFloats }
  } catch {
    fatalError("a test's graph does not run: \(error)")
  }
}

func signalToNoise(_ found: [Float], _ wanted: [Float]) -> Double {
  var (signal, noise) = (0.0, 0.0)
  for i in wanted.indices {
    signal += Double(wanted[i] * wanted[i])
    noise += Double((found[i] - wanted[i]) * (found[i] - wanted[i]))
  }
  return decibels(signal: signal, noise: noise)
}

/// 8-bit weights, so that only rounding is left; small pictures need no threads.
func testOptions(_ weights: WeightOption = .int8) -> QuantizeOptions {
  var options = QuantizeOptions()
  options.weights = weights
  options.preprocessing.mean = [120, 120, 120, 120]
  options.preprocessing.std = [60, 60, 60, 60]
  options.threads = 1
  return options
}
