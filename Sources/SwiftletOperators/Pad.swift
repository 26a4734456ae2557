import SwiftletCore

/// The input at (padTop, padLeft) in steps of strideY, strideX in a tensor of the zero point.
enum Pad {
  static func run(_ job: PortableJob, blocks: Range<Int>) {
    let r = job.record
    let (from, to) = (job.inputs.0, job.output)
    let zero = UInt8(truncatingIfNeeded: job.outputZero) ^ job.storageXor
    for block in blocks {
      for y in 0..<to.height {
        to.address(block, y, 0).initializeMemory(
          as: UInt8.self, repeating: zero, count: to.width * 16)
      }
      for y in 0..<from.height {
        for x in 0..<from.width {
          to.address(block, r.padTop + y * r.strideY, r.padLeft + x * r.strideX)
            .copyMemory(from: from.address(block, y, x), byteCount: 16)
        }
      }
    }
  }
}
