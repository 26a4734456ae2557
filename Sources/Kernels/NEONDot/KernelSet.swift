#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  /// Every kernel of this instruction set; call it only where the CPU has the instructions.
  public var kernelSet: KernelSet {
    @export(interface) @inline(never) get {
      KernelSet(
        name: "neondot", storageXor: 0x80, convolve: convolveNEONDot, depthwise: depthwiseNEONDot,
        add: addNEONDot, multiply: multiplyNEONDot, scaleChannels: scaleChannelsNEONDot,
        lookup: lookupNEONDot,
        maxPool: maxPoolNEONDot, averagePool: averagePoolNEONDot,
        globalAverage: globalAverageNEONDot)
    }
  }
#endif
