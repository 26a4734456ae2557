/// Fixed-point weights of one direction of a resize: for each result pixel the first source
/// pixel and `taps` weights of 22 fractional bits.
///
/// Bicubic with a = -0.5 (Keys, "Cubic convolution interpolation", 1981), widened by the scale
/// when shrinking, so that every source pixel counts. Weights are computed in double, divided by
/// their sum and rounded half away from zero: the arithmetic of Pillow's 8-bit resize.
struct ResampleTable: ~Copyable {
  static var fractionBits: Int32 { 22 }

  let count: Int
  /// Most weights of one result pixel; unused ones are 0 and point inside the source.
  let taps: Int
  /// [count] first source pixel; `first + taps` may pass the source's end, `used` does not.
  let first: UnsafeMutablePointer<Int32>
  /// [count] weights that count.
  let used: UnsafeMutablePointer<Int32>
  /// [count][taps]
  let weights: UnsafeMutablePointer<Int32>

  init(_ span: FitSpan) {
    let scale = Double(span.size) / Double(span.full)
    let stretch = max(scale, 1)
    let support = 2 * stretch
    let taps = Int(support.rounded(.up)) * 2 + 1
    count = span.count
    self.taps = taps
    first = .allocate(capacity: span.count)
    used = .allocate(capacity: span.count)
    weights = .allocate(capacity: span.count * taps)
    weights.initialize(repeating: 0, count: span.count * taps)
    let exact = UnsafeMutablePointer<Double>.allocate(capacity: taps)
    defer { exact.deallocate() }
    for i in 0..<span.count {
      let center = (Double(span.first + i) + 0.5) * scale
      let low = max(0, Int(center - support + 0.5))
      let high = min(span.size, Int(center + support + 0.5))
      let n = min(high - low, taps)
      var sum = 0.0
      let step = 1 / stretch
      for k in 0..<n {
        let weight = Self.cubic((Double(k + low) - center + 0.5) * step)
        exact[k] = weight
        sum += weight
      }
      for k in 0..<n {
        let weight = (sum != 0 ? exact[k] / sum : exact[k]) * Double(1 << Self.fractionBits)
        weights[i * taps + k] = Int32(weight < 0 ? weight - 0.5 : weight + 0.5)
      }
      first[i] = Int32(low)
      used[i] = Int32(n)
    }
  }

  deinit {
    first.deallocate()
    used.deallocate()
    weights.deallocate()
  }

  /// The kernel at `x`: (a+2)|x|^3 - (a+3)|x|^2 + 1 up to 1, a|x|^3 - 5a|x|^2 + 8a|x| - 4a up
  /// to 2, in Horner form.
  private static func cubic(_ x: Double) -> Double {
    let a = -0.5
    let x = x < 0 ? -x : x
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
