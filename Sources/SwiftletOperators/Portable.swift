import SwiftletCore

/// Operators that run as plain Swift, the same source on every instruction set.
enum Portable {
  static func prepare(_ c: PrepareContext) -> Step {
    let job = PortableJob(
      record: c.record, inputs: c.inputs, inputCount: c.inputCount, output: c.output,
      channels: (
        c.inputRecords.0.channels, c.inputRecords.1.channels, c.inputRecords.2.channels,
        c.inputRecords.3.channels
      ), outputChannels: c.outputRecord.channels, inputScale: c.inputRecords.0.scale,
      inputZero: c.inputRecords.0.zeroPoint, outputScale: c.outputRecord.scale,
      outputZero: c.outputRecord.zeroPoint, table: c.gateShift ?? c.parameter(c.record.table),
      storageXor: c.storageXor)
    return c.step(.portable(job))
  }

  static func split(_ step: inout Step, _ job: PortableJob, threads: Int) {
    switch job.record.code {
    case .slice, .pad, .resizeNearest, .resizeLinear, .prelu:
      if job.output.height * job.output.width * job.output.blocks > 4_000 {
        step.channelParts = min(job.output.blocks, 2 * threads)
      }
    default: break  // concat and the small ones at the end stay whole
    }
  }

  static func run(_ step: Step, _ job: PortableJob, part: Int) {
    let (first, end) = share(part, of: step.channelParts, step.output.blocks)
    switch job.record.code {
    case .concat: Concat.run(job)
    case .slice: Slice.run(job, blocks: first..<end)
    case .pad: Pad.run(job, blocks: first..<end)
    case .resizeNearest: Resize.runNearest(job, blocks: first..<end)
    case .resizeLinear: Resize.runLinear(job, blocks: first..<end)
    case .prelu: PRelu.run(job, blocks: first..<end)
    case .softmax: Softmax.run(job)
    case .dequantize: Dequantize.run(job)
    case .gate: Gate.run(job)
    default: preconditionFailure("this operator has a kernel of its own")
    }
  }

  /// Copies `count` channels of every pixel of a row: byte by byte where blocks do not line up.
  @inline(__always)
  static func copyChannels(
    from: TensorView, _ fromChannel: Int, _ fromY: Int, _ fromX: Int, step: Int,
    to: TensorView, _ toChannel: Int, _ toY: Int, count: Int
  ) {
    if fromChannel % 16 == 0 && toChannel % 16 == 0 && count % 16 == 0 {
      for block in 0..<count / 16 {
        let source = from.address(fromChannel / 16 + block, fromY, fromX)
        let target = to.address(toChannel / 16 + block, toY, 0)
        if step == 1 {
          target.copyMemory(from: source, byteCount: to.width * 16)
        } else {
          for x in 0..<to.width {
            (target + x * 16).copyMemory(from: source + x * step * 16, byteCount: 16)
          }
        }
      }
      return
    }
    for i in 0..<count {
      let (a, b) = (fromChannel + i, toChannel + i)
      let source = from.address(a / 16, fromY, fromX) + a % 16
      let target = to.address(b / 16, toY, 0) + b % 16
      for x in 0..<to.width {
        target.storeBytes(
          of: source.load(fromByteOffset: x * step * 16, as: UInt8.self), toByteOffset: x * 16,
          as: UInt8.self)
      }
    }
  }
}
