/// How the values of one tensor become bytes: real = scale * (q - zero).
package struct Encoding: Sendable, Equatable {
  /// One, or one for each channel.
  package var scales: [Float]
  package var zeros: [Int]

  package init(scales: [Float], zeros: [Int]) {
    self.scales = scales
    self.zeros = zeros
  }

  /// The encoding of a range, widened to hold 0.
  package init(low: Float, high: Float) {
    self.init(ranges: [(low, high)])
  }

  package init(ranges: [(low: Float, high: Float)]) {
    scales = []
    zeros = []
    for range in ranges {
      let low = range.low.isFinite ? min(range.low, 0) : 0
      let high = range.high.isFinite ? max(range.high, 0) : 0
      let width = high - low
      // A tensor that is always 0 still needs a step.
      let scale = width > 1e-20 && width.isFinite ? width / 255 : 1
      scales.append(scale)
      zeros.append(Int(min(max((-low / scale).rounded(.toNearestOrEven), 0), 255)))
    }
  }

  package func scale(_ channel: Int) -> Float { scales[scales.count == 1 ? 0 : channel] }
  package func zero(_ channel: Int) -> Int { zeros[zeros.count == 1 ? 0 : channel] }
  package var isPerChannel: Bool { scales.count > 1 }

  /// Replaces each value by the one that its byte stands for.
  package func round(_ values: inout [Float], area: Int) {
    for c in 0..<(area == 0 ? 0 : values.count / area) {
      let scale = scale(c)
      let zero = Float(zero(c))
      let inverse = 1 / scale
      for i in c * area..<(c + 1) * area {
        let q = min(max((values[i] * inverse).rounded(.toNearestOrEven) + zero, 0), 255)
        values[i] = (q - zero) * scale
      }
    }
  }

  package func decode(_ bytes: [UInt8], area: Int) -> [Float] {
    var out = [Float](repeating: 0, count: bytes.count)
    for c in 0..<(area == 0 ? 0 : bytes.count / area) {
      let scale = scale(c)
      let zero = Float(zero(c))
      for i in c * area..<(c + 1) * area { out[i] = (Float(bytes[i]) - zero) * scale }
    }
    return out
  }
}
