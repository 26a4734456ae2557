#if ARM_KERNELS && arch(arm64)
  import SwiftletKernels

  /// Up to so many pixels, codes are decoded in the loop.
  @inline(__always) var pixelsDecodedInLoop: Int { 1 }

  // One block of 16 channels at a time: 4 x 16.
  enum FullColumns<W: Weights, P: Placement>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int { 1 }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      let pixels = job.endPixel - job.firstPixel
      Tile<4, 4, W, P>.run(job, panel, &cursor, pixels / 4)
      if pixels & 2 != 0 { Tile<2, 4, W, P>.run(job, panel, &cursor, 1) }
      if pixels & 1 != 0 { Tile<1, 4, W, P>.run(job, panel, &cursor, 1) }
    }
  }

  enum ShortColumns<W: Weights>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int { 1 }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      Tile<1, 4, W, Flat>.run(job, panel, &cursor, job.endPixel - job.firstPixel)
    }
  }
#endif
