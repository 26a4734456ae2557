#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Up to so many pixels, codes are decoded in the loop.
  @inline(__always) var pixelsDecodedInLoop: Int { 1 }

  // 4 x 16; weights within 127 make operands dearer, so two blocks share them: 2 x 32.
  enum FullColumns<W: Weights, P: Placement>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int {
      W.Product.isSigned ? min(left, 2) : 1
    }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      let pixels = job.endPixel - job.firstPixel
      if W.Product.isSigned && blocks == 2 {
        Tile<2, 4, W, P>.run(job, panel, &cursor, pixels / 2)
        if pixels & 1 != 0 { Tile<1, 4, W, P>.run(job, panel, &cursor, 1) }
        return
      }
      Tile<4, 2, W, P>.run(job, panel, &cursor, pixels / 4)
      if pixels & 2 != 0 { Tile<2, 2, W, P>.run(job, panel, &cursor, 1) }
      if pixels & 1 != 0 { Tile<1, 2, W, P>.run(job, panel, &cursor, 1) }
    }
  }

  enum ShortColumns<W: Weights>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int { 1 }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      Tile<1, 2, W, Flat>.run(job, panel, &cursor, job.endPixel - job.firstPixel)
    }
  }
#endif
