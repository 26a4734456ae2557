#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  /// Dense convolution and fully connected layers; see `ConvolutionJob`.
  @inline(never) @export(interface)
  public func convolveNEONDot(_ job: ConvolutionJob) { convolve(job) }

  /// Runs dot products on registers alone over 2048 bytes of memory.
  ///
  /// - Returns: multiply-adds done.
  @inline(never) @export(interface)
  public func dotPeakNEONDot(_ rounds: Int, _ memory: UnsafeMutableRawPointer) -> Int {
    var acc = InlineArray<16, Acc>(repeating: zeroAcc())
    dotPeak(rounds, memory, &acc)
    return rounds * 16 * width * 8
  }
#endif
