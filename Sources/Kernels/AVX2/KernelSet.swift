#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Every kernel of this instruction set; call it only where the CPU has the instructions.
  public var kernelSet: KernelSet {
    @export(interface) @inline(never) get {
      KernelSet(
        name: "avx2", storageXor: 0, convolve: convolveAVX2, depthwise: depthwiseAVX2,
        add: addAVX2, multiply: multiplyAVX2, scaleChannels: scaleChannelsAVX2, lookup: lookupAVX2,
        maxPool: maxPoolAVX2, averagePool: averagePoolAVX2, globalAverage: globalAverageAVX2,
        // Weights within 63 are multiplied by q itself.
        signedFormats: 0b1010)
    }
  }
#else
  import SwiftletKernels

  /// Without the instruction set's flags (Embedded on a PC): the scalar reference.
  public var kernelSet: KernelSet { .reference }
#endif
