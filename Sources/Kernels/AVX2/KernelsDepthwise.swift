#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Depthwise convolution; 3x3 and 5x5 of stride 1 and 2 have kernels of their own.
  @export(interface) @inline(never)
  public func depthwiseAVX2(_ job: DepthwiseJob) {
    switch job.epilogue.kind {
    case 1: run(ResidualFinish.self, job)
    case 2: run(HardSwishFinish.self, job)
    default: run(LinearFinish.self, job)
    }
  }

  @inline(__always)
  private func run<F: DepthwiseFinish>(_ finish: F.Type, _ job: DepthwiseJob) {
    switch depthwiseShape(job) {
    case .three: DepthwiseBands<3, 1, 2, 1>.run(finish, job)
    case .threeByTwo: DepthwiseBands<3, 2, 2, 1>.run(finish, job)
    case .five: DepthwiseBands<5, 1, 4, 1>.run(finish, job)
    case .fiveByTwo: DepthwiseBands<5, 2, 4, 1>.run(finish, job)
    case .other: DepthwiseGeneric.run(finish, job)
    }
  }
#endif
