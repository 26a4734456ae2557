// Elementwise operators as plain loops over bytes; formulas in docs/architecture.md.

/// Calls `value` with each index and the q of x there, and stores what it returns.
private func forEachByte(
  _ job: ElementwiseJob, _ storageXor: UInt8, _ value: (Int, Int32) -> Int32
) {
  for i in 0..<job.count {
    let q = value(i, referenceQ(job.x, i, storageXor))
    (job.output + i).storeBytes(of: referenceByte(q) ^ storageXor, as: UInt8.self)
  }
}

private func referenceQ(_ p: UnsafeRawPointer, _ i: Int, _ storageXor: UInt8) -> Int32 {
  Int32((p + i).load(as: UInt8.self) ^ storageXor)
}

/// q = saturate(round((float(x) * a + float(y) * b) + c))
public func referenceAdd(_ job: ElementwiseJob, storageXor: UInt8) {
  forEachByte(job, storageXor) { i, x in
    let y = referenceQ(job.y, i, storageXor)
    return referenceRound((Float(x) * job.a + Float(y) * job.b) + job.c)
  }
}

/// q = saturate(round(float((x - zx) * (y - zy)) * a) + z)
public func referenceMultiply(_ job: ElementwiseJob, storageXor: UInt8) {
  forEachByte(job, storageXor) { i, x in
    referenceProduct(job, x, referenceQ(job.y, i, storageXor))
  }
}

/// As `referenceMultiply`; y holds 16 bytes for each block of `plane` bytes.
public func referenceScaleChannels(_ job: ElementwiseJob, storageXor: UInt8) {
  forEachByte(job, storageXor) { i, x in
    referenceProduct(job, x, referenceQ(job.y, i / job.plane * 16 + i % 16, storageXor))
  }
}

private func referenceProduct(_ job: ElementwiseJob, _ x: Int32, _ y: Int32) -> Int32 {
  let product = (x - Int32(job.xZero)) * (y - Int32(job.yZero))
  return referenceRound(Float(product) * job.a) + Int32(job.zero)
}

/// The table maps stored bytes to stored bytes.
public func referenceLookup(_ job: ElementwiseJob) {
  for i in 0..<job.count {
    let index = Int((job.x + i).load(as: UInt8.self))
    (job.output + i).storeBytes(of: (job.table + index).load(as: UInt8.self), as: UInt8.self)
  }
}
