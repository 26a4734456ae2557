import SwiftletCore

/// Scores of blocks of 16 channels to which of them are live.
enum Gate {
  /// z = x > a + shift; the first of the greatest if none is. The shift, a Float that a session
  /// sets, stands at `table`: -infinity makes all live.
  static func run(_ job: PortableJob) {
    let threshold = job.record.a + job.table.load(as: Float.self)
    let from = job.inputs.0.base.assumingMemoryBound(to: Float.self)
    let to = job.output.base.assumingMemoryBound(to: UInt8.self)
    // One pixel of a block is 16 values and planes of 1 x 1 tensors follow each other.
    var best = 0
    var isAnyLive = false
    for i in 0..<job.outputChannels {
      let isLive = from[i] > threshold
      to[i] = (isLive ? 1 : 0) ^ job.storageXor
      isAnyLive = isAnyLive || isLive
      if from[i] > from[best] { best = i }
    }
    if !isAnyLive { to[best] = 1 ^ job.storageXor }
  }
}
