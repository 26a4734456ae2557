// Dense convolution as plain loops: the contract that every instruction set must meet byte by
// byte. Slow, and written to be read.

/// Computes the part [firstChannel, endChannel) x [firstPixel, endPixel) of a convolution.
///
/// - Parameter storageXor: how activations are stored: 0 as q, 0x80 as q - 128.
public func referenceConvolve(_ job: ConvolutionJob, storageXor: UInt8) {
  for pixel in job.firstPixel..<job.endPixel {
    let y = pixel / job.width
    let x = pixel % job.width
    let input = job.input + y * job.rowStep + x * job.pixelStep
    for n in job.firstChannel..<job.endChannel {
      var acc = int32(job.epilogue.biasU8, n)
      for g in 0..<job.groups {
        let from = input + Int(int32(job.offsets, g))
        for i in 0..<8 {
          let q = (from + i).load(as: UInt8.self) ^ storageXor
          acc &+= Int32(q) * Int32(referenceWeight(job, n, g, i))
        }
      }
      referenceFinish(job, acc, n, y, x, storageXor)
    }
  }
}

/// The weight of channel n at position i of group g, in any format.
public func referenceWeight(_ job: ConvolutionJob, _ n: Int, _ g: Int, _ i: Int) -> Int8 {
  let panel = n / 16 * job.groups + g
  let lane = n % 16 * 4 + i % 4
  if job.format == 1 {
    return (job.weights + panel * 128 + i / 4 * 64 + lane).load(as: Int8.self)
  }
  let coarse = entry(job.weights + panel * 64 + lane, i, job.tables + n / 4 * 16)
  if job.format == 2 { return coarse }
  return 2 &* coarse &+ entry(job.fine + panel * 64 + lane, i, job.fineTables + n / 4 * 16)
}

/// The table's value for the low (k 0-3) or high (k 4-7) nibble at `code`.
private func entry(_ code: UnsafeRawPointer, _ i: Int, _ table: UnsafeRawPointer) -> Int8 {
  let byte = code.load(as: UInt8.self)
  return (table + Int(i < 4 ? byte & 15 : byte >> 4)).load(as: Int8.self)
}

/// Turns the accumulator of one output into its stored value.
func referenceFinish(
  _ job: ConvolutionJob, _ acc: Int32, _ n: Int, _ y: Int, _ x: Int, _ storageXor: UInt8
) {
  let e = job.epilogue
  // A line of a flat job is as long as its pixels.
  let line = job.isFlat ? job.width * 16 : job.outputLine
  let value = Float(acc) * float(e.scale, n)
  let q: Int32
  switch e.kind {
  case 1:
    let residualLine = job.isFlat ? job.width * 16 : e.residualLine
    let at = n / 16 * e.residualPlane + y * residualLine + x * 16 + n % 16
    let r = (e.residual + at).load(as: UInt8.self) ^ storageXor
    q = nearest(value + Float(r) * e.residualScale)
  case 2:
    let gate = min(max(value + 3, 0), 6)
    q = nearest(value * gate * float(e.outScale, n)) + int32(e.outZero, n)
  case 3:
    let floatLine = job.isFlat ? job.width * 64 : job.outputLine
    let at = n / 16 * job.outputPlane + y * floatLine + x * 64 + n % 16 * 4
    (job.output + at).storeBytes(of: value, as: Float.self)
    return
  default:
    q = nearest(value)
  }
  let at = n / 16 * job.outputPlane + y * line + x * 16 + n % 16
  let byte = UInt8(truncatingIfNeeded: min(max(q, 0), 255)) ^ storageXor
  (job.output + at).storeBytes(of: byte, as: UInt8.self)
}

/// To nearest, halves to even.
private func nearest(_ x: Float) -> Int32 { Int32(x.rounded(.toNearestOrEven)) }

private func float(_ p: UnsafeRawPointer, _ n: Int) -> Float {
  p.load(fromByteOffset: n * 4, as: Float.self)
}

private func int32(_ p: UnsafeRawPointer, _ n: Int) -> Int32 {
  p.load(fromByteOffset: n * 4, as: Int32.self)
}
