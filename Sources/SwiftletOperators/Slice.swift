import SwiftletCore

/// A part of a tensor: channels from `startChannel`, rows and columns from `startY`, `startX`
/// in steps of `strideY`, `strideX`; the output has the size.
enum Slice {
  static func run(_ job: PortableJob, blocks: Range<Int>) {
    let r = job.record
    for block in blocks {
      let first = block * 16
      let count = min(16, job.outputChannels - first)
      for y in 0..<job.output.height {
        Portable.copyChannels(
          from: job.inputs.0, r.startChannel + first, r.startY + y * r.strideY, r.startX,
          step: r.strideX, to: job.output, first, y, count: count)
      }
    }
  }
}
