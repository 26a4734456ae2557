#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  // Operators on one byte (or pair of bytes) at a time; formulas in docs/architecture.md. Counts
  // are multiples of 16, so the last vector can be short; outputs may be the inputs.

  /// Calls `body` with (byte offset, pixels) for vectors of whole pixels.
  @inline(__always)
  private func forEachVector(_ count: Int, _ body: (Int, Int) -> Void) {
    var at = 0
    while at + lanes * 16 <= count {
      body(at, lanes)
      at += lanes * 16
    }
    if at < count { body(at, (count - at) / 16) }
  }

  @inline(__always)
  private func storePixels(_ x: Bytes, _ p: UnsafeMutableRawPointer, _ pixels: Int) {
    if pixels == lanes { Lane.store(x, p) } else { Lane.store(x, p, pixels) }
  }

  /// Bytes of four rounded quarters plus a zero point (0...255), saturated.
  @inline(__always)
  func bytes(_ q: InlineArray<4, Ints>, plus zero: Halves) -> Bytes {
    Lane.bytes(
      Lane.addSaturated(Lane.pack(q[0], q[1]), zero),
      Lane.addSaturated(Lane.pack(q[2], q[3]), zero))
  }

  @inline(__always)
  func add(_ job: ElementwiseJob) {
    let a = splatFloat(job.a), b = splatFloat(job.b), c = splatFloat(job.c)
    let zero = Lane.zero(0)
    forEachVector(job.count) { at, pixels in
      let x = Lane.widen(load(job.x + at), zero), y = Lane.widen(load(job.y + at), zero)
      var q = InlineArray<4, Ints>(repeating: zeroInts())
      for i in 0..<4 {
        let sum = add(multiply(Lane.floats(x[i]), a), multiply(Lane.floats(y[i]), b))
        q[i] = rounded(add(sum, c))
      }
      let bytes = Lane.bytes(Lane.pack(q[0], q[1]), Lane.pack(q[2], q[3]))
      storePixels(bytes, job.output + at, pixels)
    }
  }

  /// round(float(x * y) * a) + zero for x and y less their zero points: a product of two such
  /// floats is exact (below 2^24), so it equals the float of the integer product.
  @inline(__always)
  private func scaled(
    _ x: InlineArray<4, Ints>, _ y: InlineArray<4, Floats>, _ a: Floats, _ zero: Halves
  ) -> Bytes {
    var q = InlineArray<4, Ints>(repeating: zeroInts())
    for i in 0..<4 { q[i] = rounded(multiply(multiply(Lane.floats(x[i]), y[i]), a)) }
    return bytes(q, plus: zero)
  }

  @inline(__always)
  private func floats(_ x: InlineArray<4, Ints>) -> InlineArray<4, Floats> {
    [Lane.floats(x[0]), Lane.floats(x[1]), Lane.floats(x[2]), Lane.floats(x[3])]
  }

  @inline(__always)
  func multiply(_ job: ElementwiseJob) {
    let a = splatFloat(job.a), zero = Lane.splatHalves(job.zero)
    let xZero = Lane.zero(job.xZero), yZero = Lane.zero(job.yZero)
    forEachVector(job.count) { at, pixels in
      let x = Lane.widen(load(job.x + at), xZero)
      let y = floats(Lane.widen(load(job.y + at), yZero))
      storePixels(scaled(x, y, a, zero), job.output + at, pixels)
    }
  }

  @inline(__always)
  func scaleChannels(_ job: ElementwiseJob) {
    let a = splatFloat(job.a), zero = Lane.splatHalves(job.zero)
    let xZero = Lane.zero(job.xZero), yZero = Lane.zero(job.yZero)
    var block = 0
    while block * job.plane < job.count {
      let y = floats(Lane.widen(Lane.spread(job.y + block * 16), yZero))
      let x = job.x + block * job.plane, out = job.output + block * job.plane
      forEachVector(job.plane) { at, pixels in
        storePixels(scaled(Lane.widen(load(x + at), xZero), y, a, zero), out + at, pixels)
      }
      block += 1
    }
  }

  @inline(__always)
  func lookup(_ job: ElementwiseJob) {
    let table = Table(job.table)
    forEachVector(job.count) { at, pixels in
      storePixels(table(load(job.x + at)), job.output + at, pixels)
    }
  }
#endif
