#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  // Depthwise K x K, stride S, by dot products of four rows. A *band* is four input rows,
  // interleaved byte by byte into line buffers, so that 32 bits are one channel's four vertical
  // taps. T = 2: a band for every two input rows, used alone (K = 3). T = 4: bands do not
  // overlap, and an output row may draw on two of them. Padding is made while a band is filled.
  //
  // Line buffer: [4 quarters][columns][16], or [columns][4 quarters][16] where a vector is one
  // pixel (most offsets are constants then); at stride 2 all even columns, then all odd ones.
  // Taps: [T/S output rows][T/2 bands][4 quarters][K columns][4 channels][4 rows].

  /// Bytes from one column of a line buffer to the next.
  @inline(__always) var columnBytes: Int { lanes == 1 ? 64 : 16 }

  /// Where things lie in the line buffers.
  struct BandLayout {
    var quarterBytes: Int
    /// Bytes from one quarter to the next.
    @inline(__always) var quarter: Int { lanes == 1 ? 16 : quarterBytes }
    var odd: Int  // bytes from the even columns to the odd ones, stride 2
  }

  /// X vectors of output pixels.
  struct DepthwiseGroup<let K: Int, let S: Int, let X: Int> {
    /// - Parameters:
    ///   - taps: the 12 or 24 taps of K = 3, held in registers.
    ///   - w: the taps in memory, for K = 5.
    ///   - a, b: both bands at the first output pixel's first column.
    ///   - count: pixels of the last vector.
    @inline(__always)
    static func run<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ layout: BandLayout, _ taps: InlineArray<24, Bytes>,
      _ w: UnsafeRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ both: Bool,
      _ residual: UnsafeRawPointer, _ out: UnsafeMutableRawPointer, _ count: Int
    ) {
      let columns = (K + lanes - 1) / lanes * lanes
      var kept = InlineArray<X, Ints>(repeating: zeroInts())
      var halves = InlineArray<X, InlineArray<2, Halves>>(
        repeating: InlineArray(repeating: Lane.splatHalves(0)))
      // With a residual X is 1.
      let added = residualQuarters(F.self, residual)
      for i in 0..<4 {
        var acc = InlineArray<X, Acc>(repeating: Lane.spreadAcc(c.bias + i * 16))
        for k in 0..<K {
          let at =
            i * layout.quarter
            + (S == 1 ? k * columnBytes : k % 2 * layout.odd + k / 2 * columnBytes)
          let tap = K == 3 ? taps[i * 3 + k] : Lane.spread(w + (i * columns + k) * 16)
          for v in 0..<X { acc[v] = Lane.dot(acc[v], load(a + at + v * lanes * columnBytes), tap) }
          if both {
            let tap =
              K == 3 ? taps[12 + i * 3 + k] : Lane.spread(w + ((4 + i) * columns + k) * 16)
            for v in 0..<X {
              acc[v] = Lane.dot(acc[v], load(b + at + v * lanes * columnBytes), tap)
            }
          }
        }
        for v in 0..<X {
          let q = c.value(toFloats(acc[v]), i, added[i])
          if i % 2 == 0 { kept[v] = q } else { halves[v][i / 2] = Lane.pack(kept[v], q) }
        }
      }
      for v in 0..<X {
        let bytes = c.bytes(halves[v][0], halves[v][1])
        let to = out + v * lanes * 16
        if v < X - 1 || count == lanes {
          Lane.store(bytes, to)
        } else {
          Lane.store(bytes, to, count)
        }
      }
    }
  }

  struct DepthwiseBands<let K: Int, let S: Int, let T: Int, let X: Int> {
    /// One output row; `both` bands are read or only a.
    @inline(__always)
    static func row<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ layout: BandLayout, _ w: UnsafeRawPointer,
      _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ both: Bool, _ residual: UnsafeRawPointer,
      _ out: UnsafeMutableRawPointer, _ width: Int
    ) {
      let columns = (K + lanes - 1) / lanes * lanes
      // Loaded once a row: the compiler cannot move the loads past the stores.
      // Written out: the initialiser that repeats would become a weak function of this module.
      let no = zeroBytes()
      var taps: InlineArray<24, Bytes> = [
        no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no,
        no,
      ]
      if K == 3 {
        for i in 0..<4 {
          for k in 0..<3 {
            taps[i * 3 + k] = Lane.spread(w + (i * columns + k) * 16)
            if both { taps[12 + i * 3 + k] = Lane.spread(w + ((4 + i) * columns + k) * 16) }
          }
        }
      }
      var x = 0
      if !F.addsResidual {
        while x + X * lanes <= width {
          DepthwiseGroup<K, S, X>.run(
            c, layout, taps, w, a + x * columnBytes, b + x * columnBytes, both, residual,
            out + x * 16, lanes)
          x += X * lanes
        }
        if X > 2 && x + 2 * lanes <= width {
          DepthwiseGroup<K, S, 2>.run(
            c, layout, taps, w, a + x * columnBytes, b + x * columnBytes, both, residual,
            out + x * 16, lanes)
          x += 2 * lanes
        }
      }
      while x < width {
        DepthwiseGroup<K, S, 1>.run(
          c, layout, taps, w, a + x * columnBytes, b + x * columnBytes, both, residual + x * 16,
          out + x * 16,
          min(lanes, width - x))
        x += lanes
      }
    }

    // Kept apart: inlined, each would be repeated for every row of a band.
    @inline(never)
    static func rowOfOne<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ layout: BandLayout, _ w: UnsafeRawPointer,
      _ a: UnsafeRawPointer, _ residual: UnsafeRawPointer, _ out: UnsafeMutableRawPointer,
      _ width: Int
    ) {
      row(c, layout, w, a, a, false, residual, out, width)
    }
    @inline(never)
    static func rowOfTwo<F: DepthwiseFinish>(
      _ c: DepthwiseConstants<F>, _ layout: BandLayout, _ w: UnsafeRawPointer,
      _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ residual: UnsafeRawPointer,
      _ out: UnsafeMutableRawPointer, _ width: Int
    ) {
      row(c, layout, w, a, b, true, residual, out, width)
    }

    /// Interleaves input rows top ..< top + 4 into a band; rows outside the input are `zeroLine`.
    @inline(__always)
    static func fill(
      _ lines: PaddedLines, _ layout: BandLayout, _ top: Int, _ zeroLine: UnsafeRawPointer,
      _ pad: InlineArray<4, Bytes>, _ to: UnsafeMutableRawPointer
    ) {
      var rows = InlineArray<4, UnsafeRawPointer>(repeating: zeroLine)
      for j in 0..<4 where lines.contains(top + j) {
        rows[j] = lines.plane + (top + j) * lines.line
      }
      var x = 0
      if S == 1 {
        let data = to + lines.left * columnBytes
        while x < lines.copied {
          let q = quarters(rows, x)
          for i in 0..<4 { Lane.store(q[i], data + i * layout.quarter + x * columnBytes) }
          x += lanes
        }
      } else {
        // Pixel x of the input is column left + x; the even x can be odd columns.
        let first = column(layout, lines.left), second = column(layout, lines.left + 1)
        while x < lines.copied {
          let q = quarters(rows, x), r = quarters(rows, x + lanes)
          for i in 0..<4 {
            let (even, odd) = Lane.split(q[i], r[i])
            Lane.store(even, to + first + i * layout.quarter + x / 2 * columnBytes)
            Lane.store(odd, to + second + i * layout.quarter + x / 2 * columnBytes)
          }
          x += 2 * lanes
        }
      }
      padColumns(layout, lines.left + lines.copied, lines.reach, pad, to)
    }
    @inline(__always)
    static func quarters(
      _ rows: InlineArray<4, UnsafeRawPointer>, _ x: Int
    ) -> InlineArray<4, Bytes> {
      Lane.zip(
        Lane.adapt(load(rows[0] + x * 16)), Lane.adapt(load(rows[1] + x * 16)),
        Lane.adapt(load(rows[2] + x * 16)), Lane.adapt(load(rows[3] + x * 16)))
    }
    @inline(__always)
    static func column(_ layout: BandLayout, _ c: Int) -> Int {
      S == 1 ? c * columnBytes : (c & 1) * layout.odd + (c >> 1) * columnBytes
    }
    /// Fills columns [from, end), and up to a vector more.
    @inline(__always)
    static func padColumns(
      _ layout: BandLayout, _ from: Int, _ end: Int, _ pad: InlineArray<4, Bytes>,
      _ to: UnsafeMutableRawPointer
    ) {
      var c = from
      while c < end {
        for i in 0..<4 { Lane.store(pad[i], to + i * layout.quarter + column(layout, c)) }
        c += S == 1 ? lanes : 1
      }
    }

    /// The taps of output rows 0 ..< T/S of a band (and of the band below), from [K][K][16].
    @inline(__always)
    static func widenTaps(_ w: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
      let columns = (K + lanes - 1) / lanes * lanes
      for r in 0..<T / S {
        for band in 0..<T / 2 {
          let at = to + (r * (T / 2) + band) * 64 * columns
          var k = 0
          while k < K {
            var rows = InlineArray<4, Bytes>(repeating: zeroBytes())
            for j in 0..<4 {
              let y = band * 4 + j - r * S
              if y >= 0 && y < K { rows[j] = Lane.load(w + (y * K + k) * 16, min(lanes, K - k)) }
            }
            let q = Lane.zip(rows[0], rows[1], rows[2], rows[3])
            for i in 0..<4 { Lane.store(q[i], at + (i * columns + k) * 16) }
            k += lanes
          }
        }
      }
    }

    /// Scratch: taps (4096 bytes), a line of zero points, bands a and b.
    @inline(__always)
    static func run<F: DepthwiseFinish>(_: F.Type, _ job: DepthwiseJob) {
      let columns = (K + lanes - 1) / lanes * lanes
      let e = job.epilogue
      let zeroLine = job.scratch + depthwiseTapBytes
      for block in job.firstBlock..<job.endBlock {
        let lines = PaddedLines(job, block: block)
        let c = DepthwiseConstants<F>(e, block: block)
        // Room for whole vectors behind the last column.
        let columnsOfLine = S == 1 ? lines.reach + 12 : lines.reach / 2 + 10
        let odd = columnsOfLine * columnBytes
        let layout = BandLayout(quarterBytes: S == 1 ? odd : 2 * odd, odd: odd)
        let bandBytes = (S == 1 ? columnsOfLine : 2 * columnsOfLine) * 64
        var a = zeroLine + (lines.copied + 8) * 16
        var b = a + bandBytes
        widenTaps(job.weights + block * K * K * 16, job.scratch)
        lines.pad(zeroLine, 0, lines.copied + 2 * lanes - 1)
        let zero = Lane.adapt(lines.zero)
        let pad = Lane.zip(zero, zero, zero, zero)
        padColumns(layout, 0, lines.left, pad, a)
        if T == 4 { padColumns(layout, 0, lines.left, pad, b) }
        var top = job.firstRow * S - job.padTop
        if T == 4 { fill(lines, layout, top, zeroLine, pad, a) }
        var y = job.firstRow
        while y < job.endRow {
          let rows = min(T / S, job.endRow - y)
          if T == 2 {
            fill(lines, layout, top, zeroLine, pad, a)
          } else if S * (rows - 1) + K > 4 {
            fill(lines, layout, top + 4, zeroLine, pad, b)
          }
          for r in 0..<rows {
            let w = UnsafeRawPointer(job.scratch) + r * (T / 2) * 64 * columns
            let out = job.output + block * job.outputPlane + (y + r) * job.outputLine
            var residual = UnsafeRawPointer(out)
            if F.addsResidual {
              residual = e.residual + block * e.residualPlane + (y + r) * e.residualLine
            }
            if T == 4 && (K == 5 || S * r + K > 4) {
              rowOfTwo(c, layout, w, a, b, residual, out, job.width)
            } else {
              rowOfOne(c, layout, w, a, residual, out, job.width)
            }
          }
          if T == 4 { (a, b) = (b, a) }
          y += T / S
          top += T
        }
      }
    }
  }
#endif
