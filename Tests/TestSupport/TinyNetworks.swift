import SwiftletCore
import SwiftletWriter

/// Small networks for tests of the reader, the operators and the whole product.
public enum TinyNetworks {
  /// Every operator code but gates (see `gated`), every epilogue, every weight format, a per-channel tensor, sizes that are
  /// no multiples of 8 or 16, several outputs.
  public static func everything(seed: UInt64 = 1) -> QuantizedNetwork {
    var b = NetworkBuilder("everything", height: 10, width: 11, seed: seed)
    let first = b.convolution(
      b.network.input, channels: 20, .init(3, stride: 2, pad: 1), epilogue: .hardSwish,
      perChannel: true)
    let deep = b.depthwise(first, .init(3, pad: 1))
    let joined = b.convolution(deep, channels: 20, format: .code4, residual: deep)
    let nested = b.convolution(
      joined, channels: 20, .init(3, dilation: 2, pad: 2), format: .nested8,
      epilogue: .hardSwish, channelsPerTable: 4)
    let sum = b.sum(joined, nested)
    let gated = b.product(sum, nested)
    let gate = b.lookup(b.globalAverage(gated))
    let scaled = b.product(gated, gate)
    let highest = b.pool(.maxPool, scaled, .init(3, pad: 1))
    let both = b.concat([highest, scaled])
    let mean = b.pool(.averagePool, both, .init(2), countsPadding: true)
    let part = b.slice(mean, start: (4, 1, 0), size: (18, 2, 3), steps: (2, 2))
    let wide = b.pad(part, top: 1, left: 0, height: 5, width: 4, steps: (2, 1))
    let near = b.resize(wide, height: 4, width: 4, rule: .halfPixel, nearest: .halfDown)
    let smooth = b.resize(near, height: 3, width: 5, rule: .alignCorners)
    let bent = b.prelu(smooth)
    let map = b.convolution(bent, channels: 10, epilogue: .float)
    let pooled = b.globalAverage(bent)
    let logits = b.convolution(pooled, channels: 10, format: .code4, epilogue: .float)
    b.network.outputs = [b.softmax(logits), map, b.dequantize(pooled)]
    b.network.labels = (0..<10).map { "class \($0) – été" }
    b.network.agreements = [
      AgreementRecord(bits: 4, photos: 100, share: 0.93),
      AgreementRecord(bits: 8, photos: 100, share: 1),
      AgreementRecord(bits: 4, resolution: 160, photos: 7, share: 0),
    ]
    b.network.pruneRows = [
      pruneRow(.ownPass, dial: 200, cost: 0.8), pruneRow(.ownPass, dial: 1000, cost: 0.5),
      pruneRow(.otherFile, dial: 500, cost: 0.6, partner: 7),
      pruneRow(.gates, dial: 500, cost: 0.9),
    ]
    b.network.preprocessing = Preprocessing(
      resize: .crop, shortSide: 12, mean: [123.7, 116.3, 103.5], std: [58.4, 57.1, 57.4])
    return b.network
  }

  /// A row that the verifier accepts.
  public static func pruneRow(
    _ way: PruneRow.Way, dial: Int, cost: Float, partner: UInt32 = 0
  ) -> PruneRow {
    var row = PruneRow()
    row.way = way
    row.dial = dial
    row.bits = way == .gates ? 0 : 4
    row.resolution = way == .ownPass ? 32 : 0
    row.partner = partner
    row.margin = way == .gates ? 0 : 1.5
    row.shift = way == .gates ? -0.25 : 0
    row.agreement = 0.95
    row.cost = cost
    row.firstCost = 0.3
    row.escalated = 0.4
    row.photos = 100
    return row
  }

  /// A classifier of 20 classes whose weights do not depend on `side`: the same network at several
  /// resolutions.
  public static func classifier(
    side: Int, format: WeightFormat = .nested8, channels: Int = 24, seed: UInt64 = 3
  ) -> QuantizedNetwork {
    var b = NetworkBuilder("classifier", height: side, width: side, seed: seed)
    let first = b.convolution(b.network.input, channels: channels, .init(3, stride: 2, pad: 1))
    let deep = b.depthwise(first, .init(3, pad: 1))
    let joined = b.convolution(deep, channels: channels, format: format, residual: deep)
    let pooled = b.pool(.maxPool, joined, .init(3, stride: 2, pad: 1))
    let wide = b.convolution(pooled, channels: 40, .init(3, pad: 1), format: format)
    let features = b.globalAverage(wide)
    b.network.outputs = [b.convolution(features, channels: 20, format: format, epilogue: .float)]
    b.network.labels = (0..<20).map { "class \($0)" }
    return b.network
  }

  /// A small network around one operator: image, first layer, the operator, float output.
  public static func single(_ code: OperatorCode, seed: UInt64 = 1) -> QuantizedNetwork {
    var b = NetworkBuilder(code.name, channels: 3, height: 6, width: 7, seed: seed)
    let perChannel = code == .depthwiseConvolution
    let x = b.convolution(
      b.network.input, channels: 9, .init(3, pad: 1), perChannel: perChannel)
    switch code {
    case .gate:
      let gate = b.gate(x, channels: 20)
      let y = b.convolution(x, channels: 20, format: .nested8)
      b.setGates(output: gate)
      b.network.outputs = [b.dequantize(b.convolution(y, channels: 5, .init(3, pad: 1)))]
      b.network.operators[b.network.operators.count - 2].inputGate = gate
    case .pixelConvolution, .dequantize: b.network.outputs = [b.dequantize(x)]
    case .softmax:
      let logits = b.convolution(b.globalAverage(x), channels: 5, epilogue: .float)
      b.network.outputs = [b.softmax(logits)]
    default:
      b.network.outputs = [b.dequantize(middle(code, x, &b))]
    }
    return b.network
  }

  private static func middle(_ code: OperatorCode, _ x: Int, _ b: inout NetworkBuilder) -> Int {
    switch code {
    case .convolution: b.convolution(x, channels: 6, .init(3, stride: 2, pad: 1), format: .nested8)
    case .depthwiseConvolution: b.depthwise(x, .init(3, stride: 2, pad: 1))
    case .add: b.sum(x, x)
    case .multiply: b.product(x, x)
    case .scaleChannels: b.product(x, b.globalAverage(x))
    case .maxPool, .averagePool: b.pool(code, x, .init(3, stride: 2, pad: 1))
    case .globalAveragePool: b.globalAverage(x)
    case .lookup: b.lookup(x)
    case .concat: b.concat([x, x])
    case .slice: b.slice(x, start: (1, 1, 2), size: (7, 2, 4), steps: (3, 1))
    case .pad: b.pad(x, top: 1, left: 2, height: 14, width: 16, steps: (2, 2))
    case .resizeNearest:
      b.resize(x, height: 9, width: 5, rule: .asymmetric, nearest: .floor)
    case .resizeLinear: b.resize(x, height: 9, width: 5, rule: .halfPixel)
    case .prelu: b.prelu(x)
    case .pixelConvolution, .softmax, .dequantize, .gate: x
    }
  }

  /// `everything`, `gated` and one network per operator: the seeds of the mutation tests.
  public static var all: [QuantizedNetwork] {
    [everything(), gated()] + OperatorCode.allCases.map { single($0) }
  }
}
