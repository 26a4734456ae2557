#if X86_KERNELS && arch(x86_64)
  import SwiftletKernels

  /// Up to so many pixels, codes are decoded in the loop.
  @inline(__always) var pixelsDecodedInLoop: Int { 8 }

  // 6 x 64, 7 x 48, 8 x 32, 8 x 16: larger tiles of two and three blocks would spill.
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
        Rest<4, W, P>.run(job, panel, &cursor, pixels % 6)
      case 3:
        // The pointers of scattered pixels make seven rows spill.
        if P.isFlat {
          Tile<7, 3, W, P>.run(job, panel, &cursor, pixels / 7)
          Rest<3, W, P>.run(job, panel, &cursor, pixels % 7)
        } else {
          Tile<4, 3, W, P>.run(job, panel, &cursor, pixels / 4)
          Rest<3, W, P>.run(job, panel, &cursor, pixels % 4)
        }
      case 2:
        Tile<8, 2, W, P>.run(job, panel, &cursor, pixels / 8)
        Rest<2, W, P>.run(job, panel, &cursor, pixels % 8)
      default:
        Tile<8, 1, W, P>.run(job, panel, &cursor, pixels / 8)
        Rest<1, W, P>.run(job, panel, &cursor, pixels % 8)
      }
    }
  }

  /// Fewer pixels than a tile.
  enum Rest<let C: Int, W: Weights, P: Placement> {
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ cursor: inout Cursor, _ left: Int) {
      if left & 4 != 0 { Tile<4, C, W, P>.run(job, panel, &cursor, 1) }
      if left & 2 != 0 { Tile<2, C, W, P>.run(job, panel, &cursor, 1) }
      if left & 1 != 0 { Tile<1, C, W, P>.run(job, panel, &cursor, 1) }
    }
  }

  enum ShortColumns<W: Weights>: Columns {
    @inline(__always) static func blocks(_ left: Int) -> Int { min(left, 4) }
    @inline(__always)
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int) {
      var cursor = Cursor(job)
      let pixels = job.endPixel - job.firstPixel
      switch blocks {
      case 4:
        var left = pixels
        // Two planes of tables leave no room for four pixels.
        if W.planes == 1 {
          Tile<4, 4, W, Flat>.run(job, panel, &cursor, left / 4)
          left %= 4
        }
        Tile<2, 4, W, Flat>.run(job, panel, &cursor, left / 2)
        if pixels & 1 != 0 { Tile<1, 4, W, Flat>.run(job, panel, &cursor, 1) }
      case 3: Tile<1, 3, W, Flat>.run(job, panel, &cursor, pixels)
      case 2: Tile<1, 2, W, Flat>.run(job, panel, &cursor, pixels)
      default: Tile<1, 1, W, Flat>.run(job, panel, &cursor, pixels)
      }
    }
  }
#endif
