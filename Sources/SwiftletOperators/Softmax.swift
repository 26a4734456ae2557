/// Softmax over the channels of a C x 1 x 1 float tensor, the same bits on every machine.
enum Softmax {
  static func run(_ job: PortableJob) {
    let n = job.outputChannels
    let from = job.inputs.0.base.assumingMemoryBound(to: Float.self)
    let to = job.output.base.assumingMemoryBound(to: Float.self)
    // One pixel of a block is 16 floats and planes of 1 x 1 tensors follow each other.
    var largest = -Float.infinity
    for i in 0..<n { largest = max(largest, from[i]) }
    var sum = 0.0
    for i in 0..<n { sum += exponential(Double(from[i]) - Double(largest)) }
    for i in 0..<n {
      to[i] = Float(exponential(Double(from[i]) - Double(largest)) / sum)
    }
  }

  /// e^x for x <= 0 without a C library: 2^k * e^r, |r| <= ln 2 / 2, by the Taylor series to
  /// degree 13 (its remainder is below 2^-53 there).
  static func exponential(_ x: Double) -> Double {
    if x < -700 { return 0 }
    let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10  // ln 2 in two parts
    var sum = 1.0
    var n = 13.0
    while n >= 1 {
      sum = 1 + sum * r / n
      n -= 1
    }
    return sum * Double(sign: .plus, exponent: Int(k), significand: 1)
  }
}
