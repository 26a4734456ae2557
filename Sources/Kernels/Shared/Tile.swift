#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// Whether the pixels of a tile lie 16 bytes apart in input and output.
  protocol Placement {
    static var isFlat: Bool { get }
  }
  enum Flat: Placement {
    @inline(__always) static var isFlat: Bool { true }
  }
  enum Scattered: Placement {
    @inline(__always) static var isFlat: Bool { false }
  }

  /// The next pixel to compute; moves along rows without division.
  struct Cursor {
    var input: UnsafeRawPointer
    /// Bytes from the first pixel of a plane of the output and of the residual.
    var output: Int
    var residual: Int
    var x: Int

    @inline(__always) init(_ job: ConvolutionJob) {
      let outputStep = job.epilogue.kind == 3 ? 64 : 16
      if job.isFlat {
        x = 0
        input = job.input + job.firstPixel * 16
        output = job.firstPixel * outputStep
        residual = job.firstPixel * 16
      } else {
        let y = job.firstPixel / job.width
        x = job.firstPixel - y * job.width
        input = job.input + y * job.rowStep + x * job.pixelStep
        output = y * job.outputLine + x * outputStep
        residual = y * job.epilogue.residualLine + x * 16
      }
    }

    @inline(__always) mutating func advance(_ job: ConvolutionJob, _ outputStep: Int) {
      input += job.pixelStep
      output += outputStep
      residual += 16
      x += 1
      if x == job.width {
        x = 0
        input += job.rowStep - job.width * job.pixelStep
        output += job.outputLine - job.width * outputStep
        residual += job.epilogue.residualLine - job.width * 16
      }
    }
  }

  /// What the tiles of one panel of channels share.
  struct Panel {
    /// First channel, a multiple of 16.
    var channel: Int
    /// Weights of that channel.
    var weights: UnsafeRawPointer
    /// Leading groups that come in adjacent pairs: 16 bytes of a pixel.
    var pairs: Int
  }

  /// R pixels by C vectors of channels, whole blocks of 16. All accumulators stay in registers.
  struct Tile<let R: Int, let C: Int, W: Weights, P: Placement> {
    typealias Grid = InlineArray<R, InlineArray<C, Acc>>

    /// Where the pixels of a tile are; flat tiles use the first entry alone.
    struct Pixels {
      var input: InlineArray<R, UnsafeRawPointer>
      var output: InlineArray<R, Int>
      var residual: InlineArray<R, Int>
    }

    /// Computes `count` tiles one after another from `cursor`, and moves it.
    @inline(never)
    static func run(
      _ job: ConvolutionJob, _ panel: Panel, _ cursor: inout Cursor, _ count: Int
    ) {
      var next = cursor
      let outputStep = job.epilogue.kind == 3 ? 64 : 16
      var left = count
      while left > 0 {
        var pixels = Pixels(
          input: InlineArray(repeating: next.input), output: InlineArray(repeating: next.output),
          residual: InlineArray(repeating: next.residual))
        if P.isFlat {
          next.input += R * 16
          next.output += R * outputStep
          next.residual += R * 16
        } else {
          for r in 0..<R {
            pixels.input[r] = next.input
            pixels.output[r] = next.output
            pixels.residual[r] = next.residual
            next.advance(job, outputStep)
          }
        }
        let acc = accumulate(job, panel, pixels)
        switch job.epilogue.kind {
        case 1: store(Residual.self, job, panel.channel, acc, pixels)
        case 2: store(HardSwish.self, job, panel.channel, acc, pixels)
        case 3: storeFloats(job, panel.channel, acc, pixels)
        default: store(Linear.self, job, panel.channel, acc, pixels)
        }
        left -= 1
      }
      cursor = next
    }

    /// Byte offset of vector c among weights: whole blocks of 16 channels, then part of one.
    @inline(__always)
    static func column(_ c: Int, _ block: Int) -> Int {
      c * width / 16 * block + c * width % 16 * 4
    }

    @inline(__always)
    static func accumulate(_ job: ConvolutionJob, _ panel: Panel, _ pixels: Pixels) -> Grid {
      let constants = job.epilogue
      let bias = (W.Product.isSigned ? constants.biasS8 : constants.biasU8) + panel.channel * 4
      let block = job.groups * W.groupBytes
      let fine = job.fine - job.weights
      let plane = job.inputPlane
      var tables = InlineArray<C, W.Tables>(repeating: W.tables(job, channel: panel.channel))
      var acc = Grid(repeating: InlineArray(repeating: zeroAcc()))
      for c in 0..<C {
        tables[c] = W.tables(job, channel: panel.channel + c * width)
        let b = start(bias + c * width * 4)
        for r in 0..<R { acc[r][c] = b }
      }
      var w = panel.weights
      var offsets = job.offsets
      var at = 0
      let pairsEnd = offsets + panel.pairs * 8
      let end = offsets + job.groups * 4
      while offsets < pairsEnd {
        if !P.isFlat { at = Int(offsets.load(as: Int32.self)) }
        var x = InlineArray<R, Pixel>(repeating: pixel(pixels.input[0] + at))
        for r in 1..<R { x[r] = pixel(address(pixels, r, at)) }
        if W.Product.takesSixteen {
          step16(&acc, x, w, block, fine, tables)
        } else {
          step(&acc, x, 0, w, block, fine, tables)
          step(&acc, x, 1, w + W.groupBytes, block, fine, tables)
        }
        w += 2 * W.groupBytes
        offsets += 8
        at += plane
      }
      while offsets < end {
        if !P.isFlat { at = Int(offsets.load(as: Int32.self)) }
        var x = InlineArray<R, Pixel>(repeating: halfPixel(pixels.input[0] + at))
        for r in 1..<R { x[r] = halfPixel(address(pixels, r, at)) }
        step(&acc, x, 0, w, block, fine, tables)
        // Flat tiles have one half block at most; a loop would hoist their activations.
        if P.isFlat { break }
        w += W.groupBytes
        offsets += 4
      }
      return acc
    }

    @inline(__always)
    static func address(_ pixels: Pixels, _ r: Int, _ at: Int) -> UnsafeRawPointer {
      P.isFlat ? pixels.input[0] + at + r * 16 : pixels.input[r] + at
    }

    /// Sixteen k, a vector of channels after the other: few weights are live at a time.
    @inline(__always)
    static func step16(
      _ acc: inout Grid, _ x: InlineArray<R, Pixel>, _ w: UnsafeRawPointer, _ block: Int,
      _ fine: Int, _ tables: InlineArray<C, W.Tables>
    ) {
      var low = InlineArray<R, W.Product.Operand>(repeating: W.Product.operand(x[0], 0))
      var high = InlineArray<R, W.Product.Operand>(repeating: W.Product.operand(x[0], 1))
      for r in 1..<R {
        low[r] = W.Product.operand(x[r], 0)
        high[r] = W.Product.operand(x[r], 1)
      }
      for c in 0..<C {
        let at = w + column(c, block)
        let first = W.pair(at, fine, tables[c])
        let second = W.pair(at + W.groupBytes, fine, tables[c])
        for r in 0..<R {
          acc[r][c] = W.Product.dot16(acc[r][c], low[r], high[r], first, second)
        }
      }
    }

    /// Eight k of all pixels and channels.
    @inline(__always)
    static func step(
      _ acc: inout Grid, _ x: InlineArray<R, Pixel>, _ half: Int, _ w: UnsafeRawPointer,
      _ block: Int, _ fine: Int, _ tables: InlineArray<C, W.Tables>
    ) {
      var even = InlineArray<C, Bytes>(repeating: zeroBytes())
      var odd = even
      for c in 0..<C { (even[c], odd[c]) = W.pair(w + column(c, block), fine, tables[c]) }
      for r in 0..<R {
        let operand = W.Product.operand(x[r], half)
        for c in 0..<C { acc[r][c] = W.Product.dot8(acc[r][c], operand, even[c], odd[c]) }
      }
    }
  }
#endif
