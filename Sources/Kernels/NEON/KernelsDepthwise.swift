#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  /// Depthwise convolution; 3x3 and 5x5 of stride 1 and 2 have kernels of their own.
  @export(interface) @inline(never)
  public func depthwiseNEON(_ job: DepthwiseJob) {
    switch job.epilogue.kind {
    case 1: run(ResidualFinish.self, job)
    case 2: run(HardSwishFinish.self, job)
    default: run(LinearFinish.self, job)
    }
  }

  @inline(__always)
  private func run<F: DepthwiseFinish>(_ finish: F.Type, _ job: DepthwiseJob) {
    switch depthwiseShape(job) {
    case .three: DepthwiseDirect<3, 1, 2>.run(finish, job)
    case .threeByTwo: DepthwiseDirect<3, 2, 2>.run(finish, job)
    case .five: DepthwiseDirect<5, 1, 2>.run(finish, job)
    case .fiveByTwo: DepthwiseDirect<5, 2, 2>.run(finish, job)
    case .other: DepthwiseGeneric.run(finish, job)
    }
  }
#endif
