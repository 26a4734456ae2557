/// Where the operands of a self-test live: plain memory on a device, guarded pages in the tests.
public protocol TestMemory {
  /// `bytes` of memory, 64-aligned if possible; ends at the end of what may be touched.
  mutating func make(_ bytes: Int) -> UnsafeMutableRawPointer
  /// Gives everything back.
  mutating func clear()
}

/// Memory from the system's allocator, freed together.
public struct PlainMemory: TestMemory {
  private var parts: [UnsafeMutableRawPointer] = []

  public init() {}

  public mutating func make(_ bytes: Int) -> UnsafeMutableRawPointer {
    let part = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
    parts.append(part)
    return part
  }

  public mutating func clear() {
    for part in parts { part.deallocate() }
    parts.removeAll()
  }
}

/// Repeatable random numbers (xorshift64*), the same on every machine.
public struct TestNumbers {
  private var state: UInt64

  public init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  public mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// A number in the range, ends included.
  public mutating func next(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() >> 33) % (range.upperBound - range.lowerBound + 1)
  }

  /// Fills memory with bytes.
  public mutating func fill(_ p: UnsafeMutableRawPointer, _ bytes: Int) {
    for i in 0..<bytes { p.storeBytes(of: UInt8(next() >> 56), toByteOffset: i, as: UInt8.self) }
  }
}
