#if ARM_KERNELS && arch(arm64)
  internal import _Builtin_intrinsics.arm.neon
  import SwiftletKernels

  // Depthwise K x K, stride S, by long multiplies and without moving data: two products make a
  // 16-bit sum (exact for weights within 127, as 2 * 128 * 127 < 32768), which is added into 32
  // bits. Padded copies of the K rows in use lie in a ring of lines.

  /// R output pixels.
  struct DirectGroup<let K: Int, let S: Int, let R: Int> {
    /// - Parameters:
    ///   - rows: the K lines, at column 0; x is the first column.
    ///   - taps: the taps of K = 3, held in registers; w all taps in memory.
    @inline(__always)
    static func run<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ rows: InlineArray<K, UnsafeRawPointer>, _ x: Int,
      _ taps: InlineArray<9, Bytes>, _ w: UnsafeRawPointer, _ residual: UnsafeRawPointer,
      _ out: UnsafeMutableRawPointer
    ) {
      var acc = InlineArray<R, InlineArray<4, Ints>>(
        repeating: InlineArray<4, Ints>(repeating: zeroInts()))
      for r in 0..<R {
        for i in 0..<4 { acc[r][i] = Lane.spreadInts(c.bias + i * 16) }
      }
      var t = 0
      while t < K * K {
        let u = t + 1
        let w0 = K == 3 ? taps[t] : load(w + t * 16)
        let w1 = u < K * K ? (K == 3 ? taps[u] : load(w + u * 16)) : w0
        for r in 0..<R {
          let x0 = load(rows[t / K] + (x + S * r + t % K) * 16)
          var low = vmull_s8(vget_low_s8(x0), vget_low_s8(w0))
          var high = vmull_high_s8(x0, w0)
          if u < K * K {
            let x1 = load(rows[u / K] + (x + S * r + u % K) * 16)
            low = vmlal_s8(low, vget_low_s8(x1), vget_low_s8(w1))
            high = vmlal_high_s8(high, x1, w1)
          }
          acc[r][0] = vaddw_s16(acc[r][0], vget_low_s16(low))
          acc[r][1] = vaddw_high_s16(acc[r][1], low)
          acc[r][2] = vaddw_s16(acc[r][2], vget_low_s16(high))
          acc[r][3] = vaddw_high_s16(acc[r][3], high)
        }
        t += 2
      }
      // With a residual R is 1.
      let added = residualQuarters(F.self, residual)
      for r in 0..<R {
        var q = InlineArray<4, Ints>(repeating: zeroInts())
        for i in 0..<4 { q[i] = c.value(Lane.floats(acc[r][i]), i, added[i]) }
        Lane.store(c.bytes(Lane.pack(q[0], q[1]), Lane.pack(q[2], q[3])), out + r * 16)
      }
    }
  }

  struct DepthwiseDirect<let K: Int, let S: Int, let R: Int> {
    @inline(__always)
    static func row<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ rows: InlineArray<K, UnsafeRawPointer>, _ w: UnsafeRawPointer,
      _ residual: UnsafeRawPointer, _ out: UnsafeMutableRawPointer, _ width: Int
    ) {
      var taps = InlineArray<9, Bytes>(repeating: zeroBytes())
      if K == 3 { for t in 0..<9 { taps[t] = load(w + t * 16) } }
      var x = 0
      if !F.addsResidual {
        while x + R <= width {
          DirectGroup<K, S, R>.run(c, rows, x * S, taps, w, residual, out + x * 16)
          x += R
        }
        if R > 2 && x + 2 <= width {
          DirectGroup<K, S, 2>.run(c, rows, x * S, taps, w, residual, out + x * 16)
          x += 2
        }
      }
      while x < width {
        DirectGroup<K, S, 1>.run(c, rows, x * S, taps, w, residual + x * 16, out + x * 16)
        x += 1
      }
    }

    /// Scratch: a line of zero points, then the ring of K lines.
    @inline(__always)
    static func run<F: DepthwiseFinish>(_: F.Type, _ job: DepthwiseJob) {
      for block in job.firstBlock..<job.endBlock {
        let lines = PaddedLines(job, block: block)
        let c = DepthwiseConstants<F>(job.epilogue, block: block)
        let pitch = lines.pitch
        let ring = job.scratch + pitch
        let w = job.weights + block * K * K * 16
        lines.pad(job.scratch, 0, lines.reach)
        let first = job.firstRow * S - job.padTop
        // Rows below this one are in the ring, row first + n in slot n % K.
        var next = first
        for y in job.firstRow..<job.endRow {
          let top = y * S - job.padTop
          while next < top + K {
            if lines.contains(next) { lines.copy(next, ring + (next - first) % K * pitch) }
            next += 1
          }
          var rows = InlineArray<K, UnsafeRawPointer>(repeating: UnsafeRawPointer(job.scratch))
          for k in 0..<K where lines.contains(top + k) {
            rows[k] = UnsafeRawPointer(ring) + (top + k - first) % K * pitch
          }
          let out = job.output + block * job.outputPlane + y * job.outputLine
          var residual = UnsafeRawPointer(out)
          if F.addsResidual {
            let e = job.epilogue
            residual = e.residual + block * e.residualPlane + y * e.residualLine
          }
          row(c, rows, w, residual, out, job.width)
        }
      }
    }
  }
#endif
