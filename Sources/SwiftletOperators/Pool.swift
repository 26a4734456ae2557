import SwiftletCore
import SwiftletKernels

/// Maximum and mean over windows, and the mean over everything.
enum Pool {
  static func prepare(_ c: PrepareContext, _ kind: PoolKind) -> Step {
    let r = c.record
    let input = c.inputs.0
    let job = PoolJob(
      input: UnsafeRawPointer(input.base), inputPlane: input.plane, inputLine: input.line,
      inputHeight: input.height, inputWidth: input.width, kernelHeight: r.kernelHeight,
      kernelWidth: r.kernelWidth, strideY: r.strideY, strideX: r.strideX, dilationY: r.dilationY,
      dilationX: r.dilationX, padTop: r.padTop, padLeft: r.padLeft, output: c.output.base,
      outputPlane: c.output.plane, outputLine: c.output.line, height: c.outputRecord.height,
      width: c.outputRecord.width, a: r.a, xZero: c.inputRecords.0.zeroPoint,
      zero: c.outputRecord.zeroPoint, countsPadding: r.option != 0, blocks: input.blocks)
    return c.step(.pool(kind, job))
  }

  static func split(_ step: inout Step, _ job: PoolJob, threads: Int) {
    if job.inputHeight * job.inputWidth * job.endBlock > 8_000 {
      step.channelParts = min(job.endBlock, 2 * threads)
    }
  }

  static func run(
    _ step: Step, _ kind: PoolKind, _ whole: PoolJob, part: Int, kernels: borrowing KernelSet
  ) {
    var job = whole
    (job.firstBlock, job.endBlock) = share(part, of: step.channelParts, whole.endBlock)
    if job.firstBlock == job.endBlock { return }
    switch kind {
    case .max: kernels.maxPool(job)
    case .average: kernels.averagePool(job)
    case .globalAverage: kernels.globalAverage(job)
    }
  }
}
