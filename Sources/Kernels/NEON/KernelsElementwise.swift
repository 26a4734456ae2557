#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  // Entry points: one instance of each shared kernel for this instruction set.

  /// Sum of two tensors.
  @export(interface) @inline(never)
  public func addNEON(_ job: ElementwiseJob) { add(job) }

  /// Product of two tensors.
  @export(interface) @inline(never)
  public func multiplyNEON(_ job: ElementwiseJob) { multiply(job) }

  /// Product of a tensor and one value for each channel.
  @export(interface) @inline(never)
  public func scaleChannelsNEON(_ job: ElementwiseJob) { scaleChannels(job) }

  /// Any function of one byte.
  @export(interface) @inline(never)
  public func lookupNEON(_ job: ElementwiseJob) { lookup(job) }

  /// Maximum over windows.
  @export(interface) @inline(never)
  public func maxPoolNEON(_ job: PoolJob) { maxPool(job) }

  /// Mean over windows.
  @export(interface) @inline(never)
  public func averagePoolNEON(_ job: PoolJob) { averagePool(job) }

  /// Mean over whole planes.
  @export(interface) @inline(never)
  public func globalAverageNEON(_ job: PoolJob) { globalAverage(job) }
#endif
