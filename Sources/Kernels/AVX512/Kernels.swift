#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Dense convolution and fully connected layers; see `ConvolutionJob`.
  @inline(never) @export(interface)
  public func convolveAVX512(_ job: ConvolutionJob) { convolve(job) }

  /// Runs dot products on registers alone over 2048 bytes of memory.
  ///
  /// - Returns: multiply-adds done.
  @inline(never) @export(interface)
  public func dotPeakAVX512(_ rounds: Int, _ memory: UnsafeMutableRawPointer) -> Int {
    var acc = InlineArray<12, Acc>(repeating: zeroAcc())
    dotPeak(rounds, memory, &acc)
    return rounds * 12 * width * 8
  }
#endif
