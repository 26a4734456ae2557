import SwiftletCore
import SwiftletKernels

/// Depthwise convolution: each channel with its own kernel.
enum DepthwiseConvolution {
  static func poolBytes(_ input: TensorRecord) -> Int {
    ConstantPool.rounded(input.paddedChannels) + ConstantPool.rounded(input.paddedChannels * 4)
  }

  static func prepare(_ c: PrepareContext) -> Step {
    let r = c.record
    let input = c.inputs.0
    let blocks = c.output.blocks
    var epilogue = c.epilogue(coarse: false)
    epilogue.biasS8 = signedBias(c)
    let job = DepthwiseJob(
      input: UnsafeRawPointer(input.base), inputPlane: input.plane, inputLine: input.line,
      inputHeight: input.height, inputWidth: input.width, inputZero: zeroPoints(c),
      weights: c.weights + r.weights, kernelHeight: r.kernelHeight, kernelWidth: r.kernelWidth,
      strideY: r.strideY, strideX: r.strideX, dilationY: r.dilationY, dilationX: r.dilationX,
      padTop: r.padTop, padLeft: r.padLeft, output: c.output.base, outputPlane: c.output.plane,
      outputLine: c.output.line, height: c.outputRecord.height, width: c.outputRecord.width,
      epilogue: epilogue, blocks: blocks, scratch: c.output.base)
    var step = c.step(.depthwise(job))
    step.macs =
      c.outputRecord.channels * c.outputRecord.height * c.outputRecord.width * r.kernelHeight
      * r.kernelWidth
    step.scratchBytes = depthwiseScratchBytes(
      inputWidth: input.width, width: job.width, kernelWidth: r.kernelWidth, strideX: r.strideX,
      dilationX: r.dilationX, kernelHeight: r.kernelHeight)
    step.gates = StepGates(c)
    return step
  }

  /// Blocks are independent; rows would make each thread interleave shared lines again.
  static func split(_ step: inout Step, _ job: DepthwiseJob, threads: Int) {
    if step.macs <= 30_000 { return }
    step.channelParts = min(job.endBlock, 2 * threads)
    if job.endBlock < threads { step.pixelParts = min(job.height, 2 * threads) }
  }

  /// Stored zero points of every channel, for the padding.
  private static func zeroPoints(_ c: PrepareContext) -> UnsafeRawPointer {
    let input = c.inputRecords.0
    let out = c.pool.take(input.paddedChannels).assumingMemoryBound(to: UInt8.self)
    let perChannel =
      input.zeroPoints < 0 ? nil : c.parameter(input.zeroPoints).assumingMemoryBound(to: UInt8.self)
    for i in 0..<input.paddedChannels {
      out[i] =
        (perChannel.map { $0[i] } ?? UInt8(truncatingIfNeeded: input.zeroPoint)) ^ c.storageXor
    }
    return UnsafeRawPointer(out)
  }

  /// biasU8 + 128 * sum of the weights, for kernels that multiply q - 128.
  private static func signedBias(_ c: PrepareContext) -> UnsafeRawPointer {
    let taps = c.record.kernelHeight * c.record.kernelWidth
    let unsigned = c.parameter(c.record.constants.biasU8).assumingMemoryBound(to: Int32.self)
    let weights = (c.weights + c.record.weights).assumingMemoryBound(to: Int8.self)
    let channels = c.outputRecord.paddedChannels
    let out = c.pool.take(channels * 4).assumingMemoryBound(to: Int32.self)
    for n in 0..<channels {
      var sum: Int32 = 0
      for tap in 0..<taps { sum += Int32(weights[(n / 16 * taps + tap) * 16 + n % 16]) }
      // The verifier bounds |biasU8| + 256 * 127 * taps.
      out[n] = unsigned[n] + 128 * sum
    }
    return UnsafeRawPointer(out)
  }

  static func run(
    _ step: Step, _ whole: DepthwiseJob, part: Int, kernels: borrowing KernelSet,
    scratch: UnsafeMutableRawPointer
  ) {
    var job = whole
    job.scratch = scratch
    (job.firstRow, job.endRow) = share(
      part / step.channelParts, of: step.pixelParts, job.height)
    guard job.firstRow < job.endRow else { return }
    let (index, parts) = (part % step.channelParts, step.channelParts)
    guard let gates = step.gates else {
      (job.firstBlock, job.endBlock) = share(index, of: parts, whole.endBlock)
      if job.firstBlock < job.endBlock { kernels.depthwise(job) }
      return
    }
    let range = gates.outputShare(index, of: parts, whole.endBlock)
    var at = range.first
    while true {
      (job.firstBlock, job.endBlock) = gates.live.outputRun(at, range.end)
      if job.firstBlock == job.endBlock { return }
      kernels.depthwise(job)
      at = job.endBlock
    }
  }
}
