#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// Input rows of one block with their padding, as the kernels that read single rows need them.
  struct PaddedLines {
    var plane: UnsafeRawPointer  // the block's first input pixel
    var line: Int
    var height: Int
    var left: Int  // pixels of padding that the outputs reach
    var copied: Int  // pixels of input that the outputs reach
    var reach: Int  // pixels that the outputs reach
    var zero: Bytes

    @inline(__always)
    init(_ job: DepthwiseJob, block: Int) {
      plane = job.input + block * job.inputPlane
      line = job.inputLine
      height = job.inputHeight
      reach = (job.width - 1) * job.strideX + (job.kernelWidth - 1) * job.dilationX + 1
      left = min(job.padLeft, reach)
      copied = min(job.inputWidth, reach - left)
      zero = Lane.spread(job.inputZero + block * 16)
    }

    /// Bytes of a padded line in scratch, with room for whole vectors.
    @inline(__always)
    var pitch: Int { (reach + 8) * 16 }

    @inline(__always)
    func contains(_ row: Int) -> Bool { row >= 0 && row < height }

    /// Fills pixels [from, to) with the zero point, and up to a vector more.
    @inline(__always)
    func pad(_ to: UnsafeMutableRawPointer, _ from: Int, _ end: Int) {
      var x = from
      while x < end {
        Lane.store(zero, to + x * 16)
        x += lanes
      }
    }

    /// Copies an input row between its paddings.
    @inline(__always)
    func copy(_ row: Int, _ to: UnsafeMutableRawPointer) {
      pad(to, 0, left)
      let from = plane + row * line
      let data = to + left * 16
      var x = 0
      // Whole vectors: up to 3 vectors past the row are read (the slack behind a tensor allows
      // it) and none is written that the padding below or the pitch does not cover.
      while x + 4 * lanes <= copied {
        let a = load(from + x * 16), b = load(from + (x + lanes) * 16)
        let c = load(from + (x + 2 * lanes) * 16), d = load(from + (x + 3 * lanes) * 16)
        Lane.store(a, data + x * 16)
        Lane.store(b, data + (x + lanes) * 16)
        Lane.store(c, data + (x + 2 * lanes) * 16)
        Lane.store(d, data + (x + 3 * lanes) * 16)
        x += 4 * lanes
      }
      while x < copied {
        Lane.store(load(from + x * 16), data + x * 16)
        x += lanes
      }
      pad(to, left + copied, reach)
    }
  }
#endif
