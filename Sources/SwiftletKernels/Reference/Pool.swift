// Pools as plain loops; formulas in docs/architecture.md.

/// Maximum of the positions of each window that lie inside the input.
public func referenceMaxPool(_ job: PoolJob, storageXor: UInt8) {
  forEachOutput(job, storageXor) { block, y, x, lane in
    var q: Int32 = 0
    forEachPosition(job, block, y, x, lane, storageXor) { q = max(q, $0) }
    return q
  }
}

/// Mean over each window: q = saturate(round(float(sum - n * zx) * (a / float(n))) + z).
///
/// n counts the positions inside the input, or with `countsPadding` the whole window, whose
/// positions outside are worth zx.
public func referenceAveragePool(_ job: PoolJob, storageXor: UInt8) {
  let zero = Int32(job.xZero)
  forEachOutput(job, storageXor) { block, y, x, lane in
    var count: Int32 = 0
    var sum: Int32 = 0
    forEachPosition(job, block, y, x, lane, storageXor) {
      count += 1
      sum += $0
    }
    if job.countsPadding {
      let window = Int32(job.kernelHeight * job.kernelWidth)
      sum += (window - count) * zero
      count = window
    }
    return referenceRound(Float(sum - count * zero) * (job.a / Float(count))) + Int32(job.zero)
  }
}

/// Mean over inputHeight x inputWidth positions: one output pixel for each block.
public func referenceGlobalAverage(_ job: PoolJob, storageXor: UInt8) {
  let count = Int32(job.inputHeight * job.inputWidth)
  for block in job.firstBlock..<job.endBlock {
    for lane in 0..<16 {
      var sum: Int32 = 0
      for y in 0..<job.inputHeight {
        for x in 0..<job.inputWidth {
          sum += referenceInput(job, block, y, x, lane, storageXor)
        }
      }
      let mean = Float(sum - count * Int32(job.xZero)) * (job.a / Float(count))
      let q = referenceRound(mean) + Int32(job.zero)
      (job.output + block * job.outputPlane + lane)
        .storeBytes(of: referenceByte(q) ^ storageXor, as: UInt8.self)
    }
  }
}

private func referenceInput(
  _ job: PoolJob, _ block: Int, _ y: Int, _ x: Int, _ lane: Int, _ storageXor: UInt8
) -> Int32 {
  let at = block * job.inputPlane + y * job.inputLine + x * 16 + lane
  return Int32((job.input + at).load(as: UInt8.self) ^ storageXor)
}

/// Stores `value(block, y, x, lane)` for every output of the job's part.
private func forEachOutput(
  _ job: PoolJob, _ storageXor: UInt8, _ value: (Int, Int, Int, Int) -> Int32
) {
  for block in job.firstBlock..<job.endBlock {
    for y in job.firstRow..<job.endRow {
      for x in 0..<job.width {
        for lane in 0..<16 {
          let at = block * job.outputPlane + y * job.outputLine + x * 16 + lane
          let byte = referenceByte(value(block, y, x, lane)) ^ storageXor
          (job.output + at).storeBytes(of: byte, as: UInt8.self)
        }
      }
    }
  }
}

/// Calls `body` with the q of each position of a window that lies inside the input.
private func forEachPosition(
  _ job: PoolJob, _ block: Int, _ y: Int, _ x: Int, _ lane: Int, _ storageXor: UInt8,
  _ body: (Int32) -> Void
) {
  for ky in 0..<job.kernelHeight {
    for kx in 0..<job.kernelWidth {
      let row = y * job.strideY + ky * job.dilationY - job.padTop
      let column = x * job.strideX + kx * job.dilationX - job.padLeft
      if row >= 0 && row < job.inputHeight && column >= 0 && column < job.inputWidth {
        body(referenceInput(job, block, row, column, lane, storageXor))
      }
    }
  }
}
