#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// Depthwise of any kernel size, stride and dilation: four taps at a time, whichever they are,
  /// are interleaved in registers and go through one dot product.
  enum DepthwiseGeneric {
    /// Scratch: taps [groups][4 quarters][4 channels][4 taps], the taps' byte offsets
    /// Int32 [4 * groups], then as many padded lines as the kernel has rows.
    @inline(__always)
    static func run<F: DepthwiseFinish>(_: F.Type, _ job: DepthwiseJob) {
      let count = job.kernelHeight * job.kernelWidth
      let groups = (count + 3) / 4
      let offsets = job.scratch + groups * 64
      let buffer = offsets + (groups + 3) / 4 * 64
      for block in job.firstBlock..<job.endBlock {
        let lines = PaddedLines(job, block: block)
        let c = DepthwiseConstants<F>(job.epilogue, block: block)
        prepareTaps(job, block, lines.pitch, job.scratch, offsets)
        for y in job.firstRow..<job.endRow {
          for ky in 0..<job.kernelHeight {
            let row = y * job.strideY + ky * job.dilationY - job.padTop
            let to = buffer + ky * lines.pitch
            if lines.contains(row) { lines.copy(row, to) } else { lines.pad(to, 0, lines.reach) }
          }
          let out = job.output + block * job.outputPlane + y * job.outputLine
          var residual = UnsafeRawPointer(out)
          if F.addsResidual {
            let e = job.epilogue
            residual = e.residual + block * e.residualPlane + y * e.residualLine
          }
          let step = job.strideX * 16
          var x = 0
          while x < job.width {
            // A tail shorter than a vector goes pixel by pixel: nothing is read past a line.
            let full = x + lanes <= job.width
            let bytes = pixels(
              c, job.scratch, offsets, groups, buffer + x * step, full ? step : 0,
              residual + x * 16)
            if full { Lane.store(bytes, out + x * 16) } else { Lane.store(bytes, out + x * 16, 1) }
            x += full ? lanes : 1
          }
        }
      }
    }

    @inline(__always)
    static func prepareTaps(
      _ job: DepthwiseJob, _ block: Int, _ pitch: Int, _ taps: UnsafeMutableRawPointer,
      _ offsets: UnsafeMutableRawPointer
    ) {
      let count = job.kernelHeight * job.kernelWidth
      let w = job.weights + block * count * 16
      var t = 0
      while t < count {
        var rows = InlineArray<4, Bytes>(repeating: zeroBytes())
        for j in 0..<4 {
          let tap = t + j
          // A missing tap reads the first one with weight 0.
          var offset = 0
          if tap < count {
            rows[j] = Lane.load(w + tap * 16, 1)
            let ky = tap / job.kernelWidth, kx = tap % job.kernelWidth
            offset = ky * pitch + kx * job.dilationX * 16
          }
          (offsets + tap * 4).storeBytes(of: Int32(truncatingIfNeeded: offset), as: Int32.self)
        }
        let q = Lane.zip(rows[0], rows[1], rows[2], rows[3])
        for i in 0..<4 { Lane.store(q[i], taps + t * 16 + i * 16, 1) }
        t += 4
      }
    }

    /// `lanes` pixels, `step` bytes apart in the lines.
    @inline(__always)
    static func pixels<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ taps: UnsafeRawPointer, _ offsets: UnsafeRawPointer,
      _ groups: Int, _ from: UnsafeRawPointer, _ step: Int, _ residual: UnsafeRawPointer
    ) -> Bytes {
      var acc = InlineArray<4, Acc>(repeating: zeroAcc())
      for i in 0..<4 { acc[i] = Lane.spreadAcc(c.bias + i * 16) }
      for g in 0..<groups {
        var x = InlineArray<4, Bytes>(repeating: zeroBytes())
        for j in 0..<4 {
          let offset = (offsets + (g * 4 + j) * 4).load(as: Int32.self)
          x[j] = Lane.adapt(Lane.gather(from + Int(offset), step))
        }
        let q = Lane.zip(x[0], x[1], x[2], x[3])
        for i in 0..<4 { acc[i] = Lane.dot(acc[i], q[i], Lane.spread(taps + g * 64 + i * 16)) }
      }
      let added = residualQuarters(F.self, residual)
      var q = InlineArray<4, Ints>(repeating: zeroInts())
      for i in 0..<4 { q[i] = c.value(toFloats(acc[i]), i, added[i]) }
      return c.bytes(Lane.pack(q[0], q[1]), Lane.pack(q[2], q[3]))
    }
  }
#endif
