#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Every kernel of this instruction set; call it only where the CPU has the instructions.
  public var kernelSet: KernelSet {
    @export(interface) @inline(never) get {
      KernelSet(
        name: "avx512vnni", storageXor: 0, convolve: convolveAVX512, depthwise: depthwiseAVX512,
        add: addAVX512, multiply: multiplyAVX512, scaleChannels: scaleChannelsAVX512,
        lookup: lookupAVX512,
        maxPool: maxPoolAVX512, averagePool: averagePoolAVX512, globalAverage: globalAverageAVX512)
    }
  }
#else
  import SwiftletKernels

  /// Without the instruction set's flags (Embedded on a PC): the scalar reference.
  public var kernelSet: KernelSet { .reference }
#endif
