import SwiftletCore
import SwiftletKernels

/// What a step with gates knows beside its job.
public struct StepGates {
  var live: LiveChannels
  /// Real channels of input and output.
  private let inputChannels: Int
  private let outputChannels: Int
  /// Sums of means times weights for both planes and for the first alone: Int32 [2][blocks + 1][N], of
  /// q and of q - 128; taken from the pool, computed when first needed.
  private let sums: UnsafeMutableRawPointer
  private let coarseSums: UnsafeMutableRawPointer
  private var hasSums = false
  private var hasCoarseSums = false

  /// Bytes of the pool that `init` takes.
  static func poolBytes(_ r: OperatorRecord, input: TensorRecord, output: TensorRecord) -> Int {
    guard r.inputGate >= 0 && r.code == .convolution else { return 0 }
    let table = sumBytes(input, output)
    return ConstantPool.rounded(input.paddedChannels)
      + (r.weightFormat == .nested8 ? 2 : 1) * table
  }

  private static func sumBytes(_ input: TensorRecord, _ output: TensorRecord) -> Int {
    ConstantPool.rounded((input.paddedChannels / 16 + 1) * output.paddedChannels * 8)
  }

  /// nil for a step without gates.
  init?(_ c: PrepareContext) {
    guard c.inputGate != nil || c.outputGate != nil else { return nil }
    let (r, x, z) = (c.record, c.inputRecords.0, c.outputRecord)
    inputChannels = x.channels
    outputChannels = z.channels
    let taps = r.kernelHeight * r.kernelWidth
    var means = c.parameters
    // Never used: a depthwise layer has no sums, a layer without an input gate neither.
    let none = c.output.base
    if r.code == .convolution && c.inputGate != nil {
      let out = c.pool.take(x.paddedChannels).assumingMemoryBound(to: UInt8.self)
      for i in 0..<x.paddedChannels {
        out[i] =
          r.table < 0
          ? UInt8(truncatingIfNeeded: x.zeroPoint)
          : c.parameter(r.table).load(fromByteOffset: i, as: UInt8.self)
      }
      means = UnsafeRawPointer(out)
      let bytes = StepGates.sumBytes(x, z)
      sums = c.pool.take(bytes)
      coarseSums = r.weightFormat == .nested8 ? c.pool.take(bytes) : none
    } else {
      sums = none
      coarseSums = none
    }
    live = LiveChannels(
      input: c.inputGate, output: c.outputGate, liveByte: 1 ^ c.storageXor,
      blocks: x.paddedChannels / 16, blockGroups: 2 * taps, means: means, sumsU8: means,
      sumsS8: means, scratch: none)
  }

  /// Makes the sums of the weights that the job uses, if they were not made before. `isCoarse`: the
  /// first plane of nested8 alone.
  mutating func setSums(_ job: ConvolutionJob, isCoarse: Bool) {
    if live.input == nil { return }
    let table = isCoarse ? coarseSums : sums
    let line = job.channels * 4
    let half = (live.blocks + 1) * line
    live.sumsU8 = UnsafeRawPointer(table)
    live.sumsS8 = UnsafeRawPointer(table + half)
    if isCoarse ? hasCoarseSums : hasSums { return }
    if isCoarse { hasCoarseSums = true } else { hasSums = true }
    let total = table + live.blocks * line
    total.initializeMemory(as: UInt8.self, repeating: 0, count: line)
    (total + half).initializeMemory(as: UInt8.self, repeating: 0, count: line)
    func add(_ value: Int32, _ to: UnsafeMutableRawPointer) {
      to.storeBytes(of: to.load(as: Int32.self) &+ value, as: Int32.self)
    }
    for block in 0..<live.blocks {
      let first = block * live.blockGroups
      let end = min(first + live.blockGroups, job.groups)
      let halves = end - first == live.blockGroups ? 2 : 1
      for n in 0..<job.channels {
        var (unsigned, signed): (Int32, Int32) = (0, 0)
        for g in first..<end {
          let mean = live.means + block * 16 + (g - first) % halves * 8
          for i in 0..<8 {
            let w = Int32(referenceWeight(job, n, g, i))
            let q = Int32(mean.load(fromByteOffset: i, as: UInt8.self))
            // The verifier bounds 255 * sum |w|.
            unsigned &+= q &* w
            signed &+= (q &- 128) &* w
          }
        }
        let at = block * line + n * 4
        table.storeBytes(of: unsigned, toByteOffset: at, as: Int32.self)
        table.storeBytes(of: signed, toByteOffset: half + at, as: Int32.self)
        add(unsigned, total + n * 4)
        add(signed, total + half + n * 4)
      }
    }
  }

  /// Share of the multiply-adds that the last run did.
  func liveShare(isDepthwise: Bool) -> Double {
    var (inputs, outputs) = (0, 0)
    for c in 0..<inputChannels where live.isInputLive(c / 16) { inputs += 1 }
    for c in 0..<outputChannels where live.isOutputLive(c / 16) { outputs += 1 }
    let share = Double(outputs) / Double(outputChannels)
    return isDepthwise ? share : share * Double(inputs) / Double(inputChannels)
  }

  /// Part `i` of `parts` of the live blocks of the output, of which there are `blocks` in all: from
  /// its first to its last live one.
  func outputShare(_ i: Int, of parts: Int, _ blocks: Int) -> (first: Int, end: Int) {
    var count = 0
    for block in 0..<blocks where live.isOutputLive(block) { count += 1 }
    let range = share(i, of: parts, count, grain: count >= 4 * parts ? 4 : 1)
    if range.first == range.end { return (0, 0) }
    var first = live.nextOutput(0, blocks)
    for _ in 0..<range.first { first = live.nextOutput(first + 1, blocks) }
    var last = first
    for _ in range.first + 1..<range.end { last = live.nextOutput(last + 1, blocks) }
    return (first, last + 1)
  }
}
