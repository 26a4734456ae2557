#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  /// Dot products on registers alone, the yardstick of the benches: `rounds` times
  /// `peakAccumulators * 2 * width * 4` multiply-adds.
  @inline(__always)
  func dotPeak<let N: Int>(
    _ rounds: Int, _ memory: UnsafeMutableRawPointer, _ acc: inout InlineArray<N, Acc>
  ) {
    let source = UnsafeRawPointer(memory)
    let even = load(source + 256)
    let odd = load(source + 320)
    var left = rounds
    while left > 0 {
      // Other operands each time, or products would be hoisted or shared.
      for i in 0..<N {
        let x = SmallDot.operand(pixel(source + (left & 1) * 16 + i * 8), 0)
        acc[i] = SmallDot.dot8(acc[i], x, even, odd)
      }
      left -= 1
    }
    for i in 0..<N { (memory + 384 + i * 64).storeBytes(of: acc[i], as: Acc.self) }
  }
#endif
