#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// Kernel size and stride that have a kernel of their own.
  enum DepthwiseShape {
    case three, threeByTwo, five, fiveByTwo, other
  }

  @inline(__always)
  func depthwiseShape(_ job: DepthwiseJob) -> DepthwiseShape {
    let stride = job.strideX
    guard job.kernelHeight == job.kernelWidth, job.strideY == stride, job.dilationX == 1,
      job.dilationY == 1, stride == 1 || stride == 2
    else { return .other }
    switch job.kernelWidth {
    case 3: return stride == 1 ? .three : .threeByTwo
    case 5: return stride == 1 ? .five : .fiveByTwo
    default: return .other
    }
  }
#endif
