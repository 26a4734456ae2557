import SwiftletCore
import SwiftletKernels

/// Dense convolution, over blocks of 16 channels or an image of 4-byte pixels.
enum Convolution {
  /// Bytes of the pool that `prepare` takes.
  static func poolBytes(
    _ record: OperatorRecord, input: TensorRecord, output: TensorRecord
  ) -> Int {
    ConstantPool.rounded(record.groups * 4)
      + StepGates.poolBytes(record, input: input, output: output)
  }

  static func prepare(_ c: PrepareContext) -> Step {
    let r = c.record
    let input = c.inputs.0
    let offsets = c.pool.take(r.groups * 4)
    writeOffsets(c, offsets.assumingMemoryBound(to: Int32.self))
    let isFlat =
      r.code == .convolution && r.kernelHeight == 1 && r.kernelWidth == 1 && r.strideY == 1
      && r.strideX == 1 && r.padTop == 0 && r.padLeft == 0 && input.hasContiguousPixels
      && c.output.hasContiguousPixels
      && (r.epilogue != .residual || c.inputs.1.hasContiguousPixels)
    let job = ConvolutionJob(
      input: UnsafeRawPointer(input.base - r.padTop * input.line - r.padLeft * input.pixel),
      rowStep: r.strideY * input.line, pixelStep: r.strideX * input.pixel, offsets: offsets,
      groups: r.groups, format: Int(r.weightFormat.rawValue), weights: c.weights + r.weights,
      tables: c.parameter(r.tables), fine: c.refinement + max(r.refinement, 0),
      fineTables: c.parameter(r.fineTables), output: c.output.base, outputPlane: c.output.plane,
      outputLine: c.output.line, channels: c.outputRecord.paddedChannels,
      height: c.outputRecord.height, width: c.outputRecord.width,
      epilogue: c.epilogue(coarse: false), isFlat: isFlat, inputPlane: input.plane,
      scratch: c.output.base)
    var step = c.step(.convolution(job))
    step.macs =
      c.outputRecord.channels * c.outputRecord.height * c.outputRecord.width
      * c.inputRecords.0.channels * r.kernelHeight * r.kernelWidth
    step.scratchBytes = convolutionScratchBytes(groups: r.groups)
    guard var gates = StepGates(c) else { return step }
    step.scratchBytes =
      liveScratch(job) + liveScratchBytes(groups: r.groups, blocks: gates.live.blocks)
    // Those of nested8 wait for `setBits`: a run at 4 bits never reads the second plane.
    if r.weightFormat != .nested8 { gates.setSums(job, isCoarse: false) }
    step.gates = gates
    return step
  }

  /// Where the scratch of live channels starts, behind that of the kernel.
  private static func liveScratch(_ job: ConvolutionJob) -> Int {
    ConstantPool.rounded(convolutionScratchBytes(groups: job.groups))
  }

  /// Groups of 8 bytes in the order of the weights (docs/architecture.md, "Weight layout").
  private static func writeOffsets(_ c: PrepareContext, _ out: UnsafeMutablePointer<Int32>) {
    let r = c.record
    let input = c.inputs.0
    var g = 0
    if r.code == .pixelConvolution {
      for ky in 0..<r.kernelHeight {
        for pair in 0..<(r.kernelWidth + 1) / 2 {
          out[g] = Int32(truncatingIfNeeded: ky * input.line + pair * 8)
          g += 1
        }
      }
      return
    }
    let channels = c.inputRecords.0.channels
    for block in 0..<(channels + 15) / 16 {
      let halves = channels - block * 16 > 8 ? 2 : 1
      for ky in 0..<r.kernelHeight {
        for kx in 0..<r.kernelWidth {
          let tap =
            block * input.plane + ky * r.dilationY * input.line + kx * r.dilationX * input.pixel
          for half in 0..<halves {
            out[g] = Int32(truncatingIfNeeded: tap + half * 8)
            g += 1
          }
        }
      }
    }
  }

  /// Threads take channel panels where there are enough of them, since each panel is decoded
  /// once; otherwise ranges of pixels.
  static func split(_ step: inout Step, _ job: ConvolutionJob, threads: Int) {
    if step.macs < 60_000 { return }
    let blocks = job.channels / 16
    let pixels = job.height * job.width
    let wanted = step.macs < 1_000_000 ? threads : 2 * threads
    if blocks >= 8 * threads || pixels < 24 * wanted {
      step.channelParts = min(wanted, max(1, blocks / 2))
    } else {
      step.pixelParts = wanted
    }
  }

  static func run(
    _ step: Step, _ whole: ConvolutionJob, part: Int, kernels: borrowing KernelSet,
    scratch: UnsafeMutableRawPointer
  ) {
    var job = whole
    job.scratch = scratch
    // Whole panels of 64 channels where they exist: the widest tiles take four blocks.
    let blocks = job.channels / 16
    let grain = blocks >= 4 * step.channelParts ? 4 : 1
    var range = share(part % step.channelParts, of: step.channelParts, blocks, grain: grain)
    if let gates = step.gates {
      range = gates.outputShare(part % step.channelParts, of: step.channelParts, blocks)
    }
    job.firstChannel = range.first * 16
    job.endChannel = range.end * 16
    (job.firstPixel, job.endPixel) = share(
      part / step.channelParts, of: step.pixelParts, job.height * job.width, grain: 24)
    guard job.firstChannel < job.endChannel && job.firstPixel < job.endPixel else { return }
    if let gates = step.gates {
      var live = gates.live
      live.scratch = scratch + liveScratch(job)
      kernels.convolveLive(job, live)
    } else {
      kernels.convolve(job)
    }
  }
}
