// Depthwise convolution as plain loops: the contract that every instruction set must meet byte
// by byte. Slow, and written to be read.

/// Computes the part [firstBlock, endBlock) x [firstRow, endRow) of a depthwise convolution.
///
/// - Parameter storageXor: how activations are stored: 0 as q, 0x80 as q - 128.
public func referenceDepthwise(_ job: DepthwiseJob, storageXor: UInt8) {
  for block in job.firstBlock..<job.endBlock {
    for y in job.firstRow..<job.endRow {
      for x in 0..<job.width {
        for lane in 0..<16 {
          let acc = referenceSum(job, block, y, x, lane, storageXor)
          let q = referenceValue(job, acc, block, y, x, lane, storageXor)
          let at = block * job.outputPlane + y * job.outputLine + x * 16 + lane
          (job.output + at).storeBytes(of: referenceByte(q) ^ storageXor, as: UInt8.self)
        }
      }
    }
  }
}

/// bias + sum over the window of q * w, with inputZero where the input ends.
private func referenceSum(
  _ job: DepthwiseJob, _ block: Int, _ y: Int, _ x: Int, _ lane: Int, _ storageXor: UInt8
) -> Int32 {
  var acc = referenceInt32(job.epilogue.biasU8, block * 16 + lane)
  let taps = job.kernelHeight * job.kernelWidth
  for ky in 0..<job.kernelHeight {
    for kx in 0..<job.kernelWidth {
      let row = y * job.strideY + ky * job.dilationY - job.padTop
      let column = x * job.strideX + kx * job.dilationX - job.padLeft
      var from = job.inputZero + block * 16 + lane
      if row >= 0 && row < job.inputHeight && column >= 0 && column < job.inputWidth {
        from = job.input + block * job.inputPlane + row * job.inputLine + column * 16 + lane
      }
      let q = from.load(as: UInt8.self) ^ storageXor
      let tap = (block * taps + ky * job.kernelWidth + kx) * 16 + lane
      acc += Int32(q) * Int32((job.weights + tap).load(as: Int8.self))
    }
  }
  return acc
}

/// The output before it is clamped.
private func referenceValue(
  _ job: DepthwiseJob, _ acc: Int32, _ block: Int, _ y: Int, _ x: Int, _ lane: Int,
  _ storageXor: UInt8
) -> Int32 {
  let e = job.epilogue
  let n = block * 16 + lane
  let value = Float(acc) * referenceFloat(e.scale, n)
  switch e.kind {
  case 1:
    let at = block * e.residualPlane + y * e.residualLine + x * 16 + lane
    let r = (e.residual + at).load(as: UInt8.self) ^ storageXor
    return referenceRound(value + Float(r) * e.residualScale)
  case 2:
    let gate = min(max(value + 3, 0), 6)
    return referenceRound(value * gate * referenceFloat(e.outScale, n))
      + referenceInt32(e.outZero, n)
  default:
    return referenceRound(value)
  }
}

/// To nearest, halves to even.
func referenceRound(_ x: Float) -> Int32 { Int32(x.rounded(.toNearestOrEven)) }

/// Clamped to 0...255.
func referenceByte(_ q: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(q, 0), 255)) }

func referenceFloat(_ p: UnsafeRawPointer, _ n: Int) -> Float {
  p.load(fromByteOffset: n * 4, as: Float.self)
}

func referenceInt32(_ p: UnsafeRawPointer, _ n: Int) -> Int32 {
  p.load(fromByteOffset: n * 4, as: Int32.self)
}
