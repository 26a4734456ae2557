import SwiftletCore
import SwiftletWriter

extension NetworkBuilder {
  /// Scores of `channels` channels' blocks from the means of `x`, and the gate over them.
  public mutating func gate(_ x: Int, channels: Int, threshold: Float = 0) -> Int {
    let blocks = (channels + 15) / 16
    let scores = convolution(globalAverage(x), channels: blocks, epilogue: .float)
    let output = result(blocks, 1, 1)
    network.tensors[output].scales = [1]
    network.tensors[output].zeroPoints = [0]
    return append(.gate, [scores], output) { $0.record.a = threshold }
  }

  /// Puts the layer that was appended last under gates.
  public mutating func setGates(input: Int? = nil, output: Int? = nil, means: Bool = false) {
    let last = network.operators.count - 1
    network.operators[last].inputGate = input
    network.operators[last].outputGate = output
    guard means else { return }
    let channels = tensor(network.operators[last].inputs[0]).channels
    network.operators[last].gateMeans = (0..<channels).map { _ in UInt8(random.below(256)) }
  }
}

extension TinyNetworks {
  /// Gates over dense and depthwise layers: windows, plain products and vectors, all weight
  /// formats, a residual, a per-channel tensor, numbers of channels that are no multiples of 16.
  public static func gated(seed: UInt64 = 1) -> QuantizedNetwork {
    var b = NetworkBuilder("gated", height: 11, width: 13, seed: seed)
    let x = b.convolution(b.network.input, channels: 40, .init(3, pad: 1))
    let g1 = b.gate(x, channels: 72)
    let g2 = b.gate(x, channels: 37)
    let a = b.convolution(x, channels: 72, format: .code4)
    b.setGates(output: g1)
    let c = b.convolution(a, channels: 37, .init(3, stride: 2, pad: 1), format: .nested8)
    b.setGates(input: g1, output: g2, means: true)
    let d = b.depthwise(c, .init(3, pad: 1))
    b.setGates(input: g2, output: g2)
    let e = b.convolution(d, channels: 24, format: .int8)
    b.setGates(input: g2)
    let g3 = b.gate(e, channels: 104)
    let f = b.convolution(
      e, channels: 104, .init(3, pad: 1), format: .int8, epilogue: .hardSwish, perChannel: true)
    b.setGates(output: g3)
    let g = b.depthwise(f, .init(5, pad: 2), epilogue: .hardSwish)
    b.setGates(input: g3, output: g3)
    let h = b.convolution(g, channels: 24, format: .code4, residual: e, channelsPerTable: 4)
    b.setGates(input: g3, means: true)
    let g4 = b.gate(h, channels: 24)
    let i = b.convolution(e, channels: 24, format: .nested8, residual: h)
    b.setGates(output: g4)
    let j = b.convolution(i, channels: 33, .init(3, pad: 1), format: .code4)
    b.setGates(input: g4, means: true)
    let pooled = b.globalAverage(j)
    let g5 = b.gate(j, channels: 90)
    let g6 = b.gate(j, channels: 50)
    let k = b.convolution(pooled, channels: 90, format: .code4)
    b.setGates(output: g5)
    let l = b.convolution(k, channels: 50, format: .nested8)
    b.setGates(input: g5, output: g6, means: true)
    let m = b.convolution(l, channels: 20, format: .int8)
    b.setGates(input: g6)
    b.network.outputs = [
      b.convolution(m, channels: 7, epilogue: .float), b.dequantize(h), b.dequantize(j),
    ]
    return b.network
  }
}
