import SwiftletCore
import SwiftletKernels

/// The work of one step, ready to run: everything is decided, nothing can fail.
public enum Work {
  case convolution(ConvolutionJob)
  case depthwise(DepthwiseJob)
  case elementwise(ElementwiseKind, ElementwiseJob)
  case pool(PoolKind, PoolJob)
  /// An operator without a kernel of its own: plain Swift over views.
  case portable(PortableJob)
  /// Nothing is left to do (a concat whose inputs already lie in place).
  case nothing
}

/// Which elementwise kernel.
public enum ElementwiseKind { case add, multiply, scaleChannels, lookup }

/// Which pooling kernel.
public enum PoolKind { case max, average, globalAverage }

/// Views and numbers of an operator that runs as plain Swift.
public struct PortableJob {
  public var record: OperatorRecord
  public var inputs: (TensorView, TensorView, TensorView, TensorView)
  public var inputCount: Int
  public var output: TensorView
  /// Real channels of each input and of the output.
  public var channels: (Int, Int, Int, Int)
  public var outputChannels: Int
  public var inputScale: Float
  public var inputZero: Int
  public var outputScale: Float
  public var outputZero: Int
  /// prelu: Float [paddedC].
  public var table: UnsafeRawPointer
  public var storageXor: UInt8
}

/// One step of a plan.
public struct Step {
  /// Number of the operator in the file.
  public var index: Int
  public var code: OperatorCode
  public var work: Work
  /// The output, for its halo.
  public var output: TensorView
  /// Stored byte of the output's zero point.
  public var haloByte: UInt8
  /// How the work is cut for threads: channels (in blocks of 16) x pixels or rows.
  public var channelParts: Int
  public var pixelParts: Int
  /// Elementwise views that are not contiguous run row by row.
  public var isContiguous: Bool
  public var inputView: TensorView
  public var secondView: TensorView
  /// Multiply-adds of one run.
  public var macs: Int
  /// Which blocks of channels a run leaves out, if a gate tells.
  public var gates: StepGates?
  /// Scratch of one thread.
  public var scratchBytes: Int

  /// Parts that threads may take in any order.
  public var parts: Int { channelParts * pixelParts }

  /// Multiply-adds of the last run: fewer than `macs` where a gate left channels out.
  public var liveMacs: Double {
    guard let gates else { return Double(macs) }
    return Double(macs) * gates.liveShare(isDepthwise: code == .depthwiseConvolution)
  }

  /// Makes a step of one part.
  public init(
    index: Int, code: OperatorCode, work: Work, input: TensorView, output: TensorView,
    haloByte: UInt8
  ) {
    self.index = index
    self.code = code
    self.work = work
    self.output = output
    self.haloByte = haloByte
    channelParts = 1
    pixelParts = 1
    isContiguous = true
    inputView = input
    secondView = input
    macs = 0
    gates = nil
    scratchBytes = 0
  }
}

/// Part `i` of `parts` of `count` items, in multiples of `grain`: [first, end).
@inline(__always)
func share(_ i: Int, of parts: Int, _ count: Int, grain: Int = 1) -> (first: Int, end: Int) {
  let units = (count + grain - 1) / grain
  let first = units * i / parts * grain
  let end = units * (i + 1) / parts * grain
  return (min(first, count), min(end, count))
}
