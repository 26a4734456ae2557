#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  // Entry points: one instance of each shared kernel for this instruction set.

  /// Sum of two tensors.
  @export(interface) @inline(never)
  public func addAVX2(_ job: ElementwiseJob) { add(job) }

  /// Product of two tensors.
  @export(interface) @inline(never)
  public func multiplyAVX2(_ job: ElementwiseJob) { multiply(job) }

  /// Product of a tensor and one value for each channel.
  @export(interface) @inline(never)
  public func scaleChannelsAVX2(_ job: ElementwiseJob) { scaleChannels(job) }

  /// Any function of one byte.
  @export(interface) @inline(never)
  public func lookupAVX2(_ job: ElementwiseJob) { lookup(job) }

  /// Maximum over windows.
  @export(interface) @inline(never)
  public func maxPoolAVX2(_ job: PoolJob) { maxPool(job) }

  /// Mean over windows.
  @export(interface) @inline(never)
  public func averagePoolAVX2(_ job: PoolJob) { averagePool(job) }

  /// Mean over whole planes.
  @export(interface) @inline(never)
  public func globalAverageAVX2(_ job: PoolJob) { globalAverage(job) }
#endif
