#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  // Maximum over windows, separably: for a piece of an output row, the maximum of each column
  // of its windows goes into a line on the stack (padding is the lowest value), then the maximum
  // along that line. Stored bytes are ordered as q is.

  private let lineColumns = 256

  @inline(__always)
  func maxPool(_ job: PoolJob) {
    let span = (job.kernelWidth - 1) * job.dilationX + 1
    // Outputs whose windows fit into the line; 16 columns stay free for whole vectors.
    let piece = (lineColumns - 16 - span) / job.strideX + 1
    if span > lineColumns - 16 || piece < 1 { return maxPoolWide(job) }
    var storage = InlineArray<4096, UInt8>(repeating: 0)
    var span8 = storage.mutableSpan
    span8.withUnsafeMutableBytes { raw in
      let line = raw.baseAddress.unsafelyUnwrapped
      for block in job.firstBlock..<job.endBlock {
        for y in job.firstRow..<job.endRow {
          var x = 0
          while x < job.width {
            let count = min(piece, job.width - x)
            columns(job, block, y, x, (count - 1) * job.strideX + span, line)
            let out = job.output + block * job.outputPlane + y * job.outputLine + x * 16
            along(job, line, count, out)
            x += count
          }
        }
      }
    }
  }

  /// Kernel rows whose input row exists.
  @inline(__always)
  func validTaps(_ start: Int, _ dilation: Int, _ count: Int, _ size: Int) -> (Int, Int) {
    let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
    let end = start >= size ? 0 : min(count, (size - 1 - start) / dilation + 1)
    return (min(first, count), end)
  }

  /// The maximum of `count` columns from window x on.
  @inline(__always)
  private func columns(
    _ job: PoolJob, _ block: Int, _ y: Int, _ x: Int, _ count: Int,
    _ line: UnsafeMutableRawPointer
  ) {
    let top = y * job.strideY - job.padTop
    let (first, end) = validTaps(top, job.dilationY, job.kernelHeight, job.inputHeight)
    let left = x * job.strideX - job.padLeft
    let from = max(0, min(count, -left)), to = max(from, min(count, job.inputWidth - left))
    var c = 0
    while c < from {
      Lane.store(Lane.lowest, line + c * 16)
      c += lanes
    }
    let rows = end - first
    let step = job.dilationY * job.inputLine
    let input =
      job.input + block * job.inputPlane + (top + first * job.dilationY) * job.inputLine
      + left * 16
    c = from
    while c < to {
      // Four vectors at a time; up to 4 * lanes - 1 columns too many are read (the slack behind
      // a tensor covers them) and written (overwritten below, or never read).
      if c + 2 * lanes < to || lanes < 4 {
        let p = input + c * 16
        var m0 = load(p), m1 = load(p + lanes * 16)
        var m2 = m0, m3 = m1
        if lanes < 4 { m2 = load(p + 2 * lanes * 16); m3 = load(p + 3 * lanes * 16) }
        var k = 1
        var at = p + step
        while k < rows {
          m0 = Lane.maximum(m0, load(at))
          m1 = Lane.maximum(m1, load(at + lanes * 16))
          if lanes < 4 {
            m2 = Lane.maximum(m2, load(at + 2 * lanes * 16))
            m3 = Lane.maximum(m3, load(at + 3 * lanes * 16))
          }
          at += step
          k += 1
        }
        Lane.store(m0, line + c * 16)
        Lane.store(m1, line + (c + lanes) * 16)
        if lanes < 4 {
          Lane.store(m2, line + (c + 2 * lanes) * 16)
          Lane.store(m3, line + (c + 3 * lanes) * 16)
        }
        c += lanes < 4 ? 4 * lanes : 2 * lanes
      } else {
        var m = load(input + c * 16)
        for k in 1..<max(1, rows) { m = Lane.maximum(m, load(input + c * 16 + k * step)) }
        Lane.store(m, line + c * 16)
        c += lanes
      }
    }
    c = to
    while c < count + lanes {
      Lane.store(Lane.lowest, line + c * 16)
      c += lanes
    }
  }

  /// The maximum along the line for `count` outputs.
  @inline(__always)
  private func along(
    _ job: PoolJob, _ line: UnsafeRawPointer, _ count: Int, _ out: UnsafeMutableRawPointer
  ) {
    let step = job.strideX * 16, dilation = job.dilationX * 16
    var x = 0
    if step == 16 {
      // Four vectors share the loop over taps.
      while x + 4 * lanes <= count {
        let p = line + x * 16, v = lanes * 16
        var m = InlineArray<4, Bytes>(repeating: zeroBytes())
        for i in 0..<4 { m[i] = load(p + i * v) }
        for k in 1..<max(1, job.kernelWidth) {
          for i in 0..<4 { m[i] = Lane.maximum(m[i], load(p + i * v + k * dilation)) }
        }
        for i in 0..<4 { Lane.store(m[i], out + x * 16 + i * v) }
        x += 4 * lanes
      }
    }
    while x < count {
      let p = line + x * step
      // Pixels past the end are not gathered: their columns may lie outside the line.
      let full = x + lanes <= count
      var m = zeroBytes()
      if step == 16 && full {
        m = load(p)
        for k in 1..<max(1, job.kernelWidth) { m = Lane.maximum(m, load(p + k * dilation)) }
      } else {
        let s = full ? step : 0
        m = Lane.gather(p, s)
        for k in 1..<max(1, job.kernelWidth) {
          m = Lane.maximum(m, Lane.gather(p + k * dilation, s))
        }
      }
      if full { Lane.store(m, out + x * 16) } else { Lane.store(m, out + x * 16, 1) }
      x += full ? lanes : 1
    }
  }

  /// Windows that do not fit into the line: pixel by pixel.
  @inline(never)
  private func maxPoolWide(_ job: PoolJob) {
    for block in job.firstBlock..<job.endBlock {
      for y in job.firstRow..<job.endRow {
        let top = y * job.strideY - job.padTop
        let (firstY, endY) = validTaps(top, job.dilationY, job.kernelHeight, job.inputHeight)
        for x in 0..<job.width {
          let left = x * job.strideX - job.padLeft
          let (firstX, endX) = validTaps(left, job.dilationX, job.kernelWidth, job.inputWidth)
          var m = Lane.lowest
          var ky = firstY
          while ky < endY {
            let row =
              job.input + block * job.inputPlane + (top + ky * job.dilationY) * job.inputLine
            var kx = firstX
            while kx < endX {
              m = Lane.maximum(m, Lane.spread(row + (left + kx * job.dilationX) * 16))
              kx += 1
            }
            ky += 1
          }
          let out = job.output + block * job.outputPlane + y * job.outputLine + x * 16
          Lane.store(m, out, 1)
        }
      }
    }
  }
#endif
