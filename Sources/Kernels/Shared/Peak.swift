#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  /// Dot products on registers alone, the yardstick of the benches: `rounds` times
  /// `peakAccumulators * 2 * width * 4` multiply-adds.
  @inline(__always)
  func dotPeak<let N: Int>(_ rounds: Int, _ memory: UnsafeMutableRawPointer, _ acc: inout InlineArray<N, Acc>) {
    let source = UnsafeRawPointer(memory)
    let x = FullDot.operand(pixel(source), 0)
    let even = load(source + 64)
    let odd = load(source + 128)
    var left = rounds
    while left > 0 {
      for i in 0..<N { acc[i] = SmallDot.dot8(acc[i], x, even, odd) }
      left -= 1
    }
    for i in 0..<N { (memory + 192 + i * 64).storeBytes(of: acc[i], as: Acc.self) }
  }
#endif
