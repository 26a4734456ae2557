/// Small repeatable random numbers for tests.
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0..<`limit`; `limit` > 0.
  public mutating func below(_ limit: Int) -> Int {
    Int((next() >> 32).multipliedReportingOverflow(by: UInt64(limit)).partialValue >> 32)
  }

  /// An even choice.
  public mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

  /// 0..<1 in steps of 2^-24.
  public mutating func unit() -> Float { Float(next() >> 40) / 16_777_216 }
}
