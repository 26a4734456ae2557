import SwiftletCore
import SwiftletKernels

// The list of operators. The compiler refuses a missing line; docs/operators.md is checked
// against it.

/// Makes the step of one verified operator: kernel and addresses; one part.
public func prepare(_ c: PrepareContext) -> Step {
  switch c.record.code {
  case .convolution, .pixelConvolution: Convolution.prepare(c)
  case .depthwiseConvolution: DepthwiseConvolution.prepare(c)
  case .add: Elementwise.prepare(c, .add)
  case .multiply: Elementwise.prepare(c, .multiply)
  case .scaleChannels: Elementwise.prepare(c, .scaleChannels)
  case .lookup: Elementwise.prepare(c, .lookup)
  case .maxPool: Pool.prepare(c, .max)
  case .averagePool: Pool.prepare(c, .average)
  case .globalAveragePool: Pool.prepare(c, .globalAverage)
  case .concat, .slice, .pad, .resizeNearest, .resizeLinear, .prelu, .softmax, .dequantize,
    .gate:
    Portable.prepare(c)
  }
}

/// Cuts a step's work into parts for a number of threads.
public func setThreads(_ step: inout Step, _ threads: Int) {
  step.channelParts = 1
  step.pixelParts = 1
  if threads == 1 { return }
  switch step.work {
  case .convolution(let job): Convolution.split(&step, job, threads: threads)
  case .depthwise(let job): DepthwiseConvolution.split(&step, job, threads: threads)
  case .elementwise(_, let job): Elementwise.split(&step, job, threads: threads)
  case .pool(_, let job): Pool.split(&step, job, threads: threads)
  case .portable(let job): Portable.split(&step, job, threads: threads)
  case .nothing: break
  }
}

/// Bytes that `prepare` of an operator takes from the constant pool.
public func poolBytes(
  _ record: OperatorRecord, input: TensorRecord, output: TensorRecord
) -> Int {
  switch record.code {
  case .convolution, .pixelConvolution:
    Convolution.poolBytes(record, input: input, output: output)
  case .depthwiseConvolution: DepthwiseConvolution.poolBytes(input)
  default: Elementwise.poolBytes(record)
  }
}

/// Runs one part of a step. No allocation, no lock, no failure.
@inline(__always)
public func runPart(
  _ step: borrowing Step, part: Int, kernels: borrowing KernelSet,
  scratch: UnsafeMutableRawPointer
) {
  if part == 0 { step.output.fillHalo(with: step.haloByte) }
  switch step.work {
  case .convolution(let job):
    Convolution.run(step, job, part: part, kernels: kernels, scratch: scratch)
  case .depthwise(let job):
    DepthwiseConvolution.run(step, job, part: part, kernels: kernels, scratch: scratch)
  case .elementwise(let kind, let job):
    Elementwise.run(step, kind, job, part: part, kernels: kernels)
  case .pool(let kind, let job): Pool.run(step, kind, job, part: part, kernels: kernels)
  case .portable(let job): Portable.run(step, job, part: part)
  case .nothing: break
  }
}

/// Switches a prepared nested layer between both planes and the first one alone.
public func setBits(_ step: inout Step, from c: PrepareContext, four: Bool) {
  guard case .convolution(var job) = step.work, c.record.weightFormat == .nested8 else { return }
  job.format = Int((four ? WeightFormat.code4 : WeightFormat.nested8).rawValue)
  job.epilogue = c.epilogue(coarse: four)
  step.work = .convolution(job)
  step.gates?.setSums(job, isCoarse: four)
}
