import SwiftletCore
import SwiftletWriter

/// Networks of the sizes of published ones, with random weights: for file sizes and for the time
/// of a verification. Shapes from "Searching for MobileNetV3" (table 1) and the EfficientNet-Lite0
/// release.
public enum NetworkShapes {
  /// A MobileNetV3 block: kernel, expanded channels, channels, squeeze, hard-swish, stride.
  private struct Row {
    let kernel: Int
    let expanded: Int
    let channels: Int
    let squeeze: Bool
    let hardSwish: Bool
    let stride: Int
  }

  public static func mobileNetV3Large(format: WeightFormat = .code4) -> QuantizedNetwork {
    var b = NetworkBuilder("mobilenetv3-large shapes", height: 224, width: 224)
    let rows: [Row] = [
      (3, 16, 16, false, false, 1), (3, 64, 24, false, false, 2), (3, 72, 24, false, false, 1),
      (5, 72, 40, true, false, 2), (5, 120, 40, true, false, 1), (5, 120, 40, true, false, 1),
      (3, 240, 80, false, true, 2), (3, 200, 80, false, true, 1), (3, 184, 80, false, true, 1),
      (3, 184, 80, false, true, 1), (3, 480, 112, true, true, 1), (3, 672, 112, true, true, 1),
      (5, 672, 160, true, true, 2), (5, 960, 160, true, true, 1), (5, 960, 160, true, true, 1),
    ].map {
      Row(
        kernel: $0.0, expanded: $0.1, channels: $0.2, squeeze: $0.3, hardSwish: $0.4,
        stride: $0.5)
    }
    var x = b.convolution(
      b.network.input, channels: 16, .init(3, stride: 2, pad: 1), epilogue: .hardSwish)
    for row in rows {
      let start = x
      let act: EpilogueKind = row.hardSwish ? .hardSwish : .linear
      if row.expanded != b.tensor(x).channels {
        x = b.convolution(
          x, channels: row.expanded, format: format, epilogue: act, perChannel: true)
      }
      x = b.depthwise(
        x, .init(row.kernel, stride: row.stride, pad: row.kernel / 2), epilogue: act)
      if row.squeeze {
        let low = (row.expanded / 4 + 7) / 8 * 8
        let pooled = b.globalAverage(x)
        let hidden = b.convolution(pooled, channels: low, format: format)
        x = b.product(x, b.convolution(hidden, channels: row.expanded, format: format))
      }
      let keeps = row.stride == 1 && b.tensor(start).channels == row.channels
      x = b.convolution(
        x, channels: row.channels, format: format, residual: keeps ? start : nil)
    }
    x = b.convolution(x, channels: 960, format: format, epilogue: .hardSwish)
    x = b.convolution(b.globalAverage(x), channels: 1280, format: format, epilogue: .hardSwish)
    return classified(x, &b, format: format)
  }

  public static func efficientNetLite0(format: WeightFormat = .code4) -> QuantizedNetwork {
    var b = NetworkBuilder("efficientnet-lite0 shapes", height: 224, width: 224)
    // kernel, channels, repeats, stride, expansion
    let stages = [
      (3, 16, 1, 1, 1), (3, 24, 2, 2, 6), (5, 40, 2, 2, 6), (3, 80, 3, 2, 6), (5, 112, 3, 1, 6),
      (5, 192, 4, 2, 6), (3, 320, 1, 1, 6),
    ]
    var x = b.convolution(b.network.input, channels: 32, .init(3, stride: 2, pad: 1))
    for (kernel, channels, repeats, stride, expansion) in stages {
      for turn in 0..<repeats {
        let start = x
        if expansion > 1 {
          x = b.convolution(
            x, channels: expansion * b.tensor(x).channels, format: format, perChannel: true)
        }
        x = b.depthwise(x, .init(kernel, stride: turn == 0 ? stride : 1, pad: kernel / 2))
        x = b.convolution(
          x, channels: channels, format: format, residual: turn > 0 ? start : nil)
      }
    }
    x = b.convolution(x, channels: 1280, format: format)
    return classified(b.globalAverage(x), &b, format: format)
  }

  private static func classified(
    _ x: Int, _ b: inout NetworkBuilder, format: WeightFormat
  ) -> QuantizedNetwork {
    let logits = b.convolution(x, channels: 1000, format: format, epilogue: .float)
    b.network.outputs = [logits]
    // About as long as the labels of ImageNet, first synonym only.
    b.network.labels = (0..<1000).map { "label number \($0)" }
    return b.network
  }
}
