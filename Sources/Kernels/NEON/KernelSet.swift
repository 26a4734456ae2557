#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  /// Every kernel of this instruction set; call it only where the CPU has the instructions.
  public var kernelSet: KernelSet {
    @export(interface) @inline(never) get {
      KernelSet(
        name: "neon", storageXor: 0x80, convolve: convolveNEON, depthwise: depthwiseNEON,
        add: addNEON, multiply: multiplyNEON, scaleChannels: scaleChannelsNEON, lookup: lookupNEON,
        maxPool: maxPoolNEON, averagePool: averagePoolNEON, globalAverage: globalAverageNEON)
    }
  }
#endif
