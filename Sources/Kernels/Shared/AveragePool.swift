#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  // Means over windows and over whole planes; sums run in 16 bits as long as they fit.

  /// Sums of bytes of 16 channels (and `lanes` pixels or partial sums).
  private struct Sums {
    var low = Lane.splatHalves(0)
    var high = Lane.splatHalves(0)
    var pending = 0
    var total = InlineArray<4, Ints>(repeating: zeroInts())

    @inline(__always) init() {}

    @inline(__always)
    mutating func flush() {
      let s = Lane.sums(low, high)
      for i in 0..<4 { total[i] = add(total[i], s[i]) }
      low = Lane.splatHalves(0)
      high = Lane.splatHalves(0)
      pending = 0
    }
    @inline(__always)
    mutating func add8(_ x: Bytes) {
      if pending == Lane.sumLimit { flush() }
      Lane.accumulate(&low, &high, x)
      pending += 1
    }
  }

  /// sat(round(float(sum - valid * xZero) * (a / float(divisor))) + zero)
  @inline(__always)
  private func mean(
    _ total: InlineArray<4, Ints>, _ job: PoolJob, _ valid: Int, _ divisor: Int
  ) -> Bytes {
    let less = Lane.splatInts(valid * (Lane.sumShift - job.xZero))
    let factor = splatFloat(job.a / Float(divisor))
    var q = InlineArray<4, Ints>(repeating: zeroInts())
    for i in 0..<4 { q[i] = rounded(multiply(Lane.floats(add(total[i], less)), factor)) }
    return bytes(q, plus: Lane.splatHalves(job.zero))
  }

  @inline(__always)
  func averagePool(_ job: PoolJob) {
    for block in job.firstBlock..<job.endBlock {
      for y in job.firstRow..<job.endRow {
        let top = y * job.strideY - job.padTop
        let (firstY, endY) = validTaps(top, job.dilationY, job.kernelHeight, job.inputHeight)
        let rows = job.input + block * job.inputPlane + top * job.inputLine
        let out = job.output + block * job.outputPlane + y * job.outputLine
        let high = max(0, endY - firstY)
        var x = 0
        while x < job.width {
          // Whole vectors where every window lies inside the row, else pixel by pixel.
          let left = x * job.strideX - job.padLeft
          let last = left + (lanes - 1) * job.strideX + (job.kernelWidth - 1) * job.dilationX
          let full = left >= 0 && last < job.inputWidth && x + lanes <= job.width
          var (firstX, endX) = (0, job.kernelWidth)
          if !full {
            (firstX, endX) = validTaps(left, job.dilationX, job.kernelWidth, job.inputWidth)
          }
          let step = full ? job.strideX * 16 : 0
          var sums = Sums()
          var ky = firstY
          while ky < endY {
            let row = rows + ky * job.dilationY * job.inputLine + left * 16
            var kx = firstX
            while kx < endX {
              let p = row + kx * job.dilationX * 16
              sums.add8(step == 16 ? load(p) : Lane.gather(p, step))
              kx += 1
            }
            ky += 1
          }
          sums.flush()
          let valid = high * max(0, endX - firstX)
          let divisor = job.countsPadding ? job.kernelHeight * job.kernelWidth : valid
          let bytes = mean(sums.total, job, valid, divisor)
          if full { Lane.store(bytes, out + x * 16) } else { Lane.store(bytes, out + x * 16, 1) }
          x += full ? lanes : 1
        }
      }
    }
  }

  @inline(__always)
  func globalAverage(_ job: PoolJob) {
    let count = job.inputHeight * job.inputWidth
    for block in job.firstBlock..<job.endBlock {
      let plane = job.input + block * job.inputPlane
      var sums = Sums()
      // What is left of a row after whole vectors is summed apart: one pixel, in every lane.
      var rest = Sums()
      for y in 0..<job.inputHeight {
        let row = plane + y * job.inputLine
        var x = 0
        while x < job.inputWidth {
          let free = Lane.sumLimit - sums.pending
          let end = min(job.inputWidth / lanes * lanes, x + free * lanes)
          if x < end {
            sums.pending += (end - x) / lanes
            while x + 4 * lanes <= end {
              for i in 0..<4 {
                Lane.accumulate(&sums.low, &sums.high, load(row + (x + i * lanes) * 16))
              }
              x += 4 * lanes
            }
            while x < end {
              Lane.accumulate(&sums.low, &sums.high, load(row + x * 16))
              x += lanes
            }
          } else if free == 0 {
            sums.flush()
          } else {
            rest.add8(Lane.spread(row + x * 16))
            x += 1
          }
        }
      }
      sums.flush()
      rest.flush()
      for i in 0..<4 { sums.total[i] = add(Lane.joined(sums.total[i]), rest.total[i]) }
      let bytes = mean(sums.total, job, count, count)
      Lane.store(bytes, job.output + block * job.outputPlane, 1)
    }
  }
#endif
