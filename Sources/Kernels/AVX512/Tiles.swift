#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Up to so many pixels, codes are decoded in the loop.
  @inline(__always) var pixelsDecodedInLoop: Int { 1 }

  // 24 accumulators: 6 x 64, 8 x 48, 12 x 32; 12 x 16.
  enum FullColumns<W: Weights, P: Placement>: Columns {
    /// Five blocks are done as 3 + 2, six as 3 + 3.
    @inline(__always) static func blocks(_ left: Int) -> Int {
      left == 5 || left == 6 ? 3 : min(left, 4)
    }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      let pixels = job.endPixel - job.firstPixel
      switch blocks {
      case 4:
        Tile<6, 4, W, P>.run(job, panel, &cursor, pixels / 6)
        rest(Tile<4, 4, W, P>.self, Tile<2, 4, W, P>.self, Tile<1, 4, W, P>.self, job, panel, &cursor, pixels % 6)
      case 3:
        Tile<8, 3, W, P>.run(job, panel, &cursor, pixels / 8)
        rest(Tile<4, 3, W, P>.self, Tile<2, 3, W, P>.self, Tile<1, 3, W, P>.self, job, panel, &cursor, pixels % 8)
      case 2:
        Tile<12, 2, W, P>.run(job, panel, &cursor, pixels / 12)
        rest(Tile<4, 2, W, P>.self, Tile<2, 2, W, P>.self, Tile<1, 2, W, P>.self, job, panel, &cursor, pixels % 12)
      default:
        Tile<12, 1, W, P>.run(job, panel, &cursor, pixels / 12)
        rest(Tile<4, 1, W, P>.self, Tile<2, 1, W, P>.self, Tile<1, 1, W, P>.self, job, panel, &cursor, pixels % 12)
      }
    }
    @inline(__always)
    static func rest<let C: Int>(
      _ four: Tile<4, C, W, P>.Type, _ two: Tile<2, C, W, P>.Type, _ one: Tile<1, C, W, P>.Type,
      _ job: ConvolutionJob, _ panel: Panel, _ cursor: inout Cursor, _ left: Int
    ) {
      if left >= 4 { four.run(job, panel, &cursor, left / 4) }
      if left & 2 != 0 { two.run(job, panel, &cursor, 1) }
      if left & 1 != 0 { one.run(job, panel, &cursor, 1) }
    }
  }

  enum ShortColumns<W: Weights>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int { min(left, 4) }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      let pixels = job.endPixel - job.firstPixel
      switch blocks {
      case 4: Tile<1, 4, W, Flat>.run(job, panel, &cursor, pixels)
      case 3: Tile<1, 3, W, Flat>.run(job, panel, &cursor, pixels)
      case 2: Tile<1, 2, W, Flat>.run(job, panel, &cursor, pixels)
      default: Tile<1, 1, W, Flat>.run(job, panel, &cursor, pixels)
      }
    }
  }
#endif
