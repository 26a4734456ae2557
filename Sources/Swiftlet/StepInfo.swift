import SwiftletCore
import SwiftletKernels
import SwiftletOperators

/// One step of a plan, for tables and profiles.
public struct StepInfo {
  /// Name of the layer.
  public let name: String
  public let code: OperatorCode
  /// Number of the operator in the file.
  public let index: Int
  /// Output channels, height, width.
  public let shape: (channels: Int, height: Int, width: Int)
  /// Multiply-adds of one run.
  public let macs: Int
  /// Bytes of weights, both planes.
  public let weightBytes: Int
  /// What the file says of the layer.
  public let record: OperatorRecord
  /// Format of the weights at the bits in use.
  public let format: WeightFormat
  /// Pixels of input and output lie 16 bytes apart: a plain matrix product.
  public let isFlat: Bool
  /// Bytes of the first input.
  public let inputBytes: Int
  /// Bytes of activations read and written, computed from shapes.
  public let activationBytes: Int
  /// Parts that threads share.
  public let parts: Int
  /// The kernel in words, for example `matrix product code4`.
  public let kernel: String

  /// A gate may leave groups of its channels out.
  public var isGated: Bool { record.inputGate >= 0 || record.outputGate >= 0 }

  private let step: Step

  init(_ step: Step, _ contents: ModelContents) {
    self.step = step
    let r = contents.operators[step.index]
    let output = contents.tensors[r.output]
    name = contents.string(at: r.name)
    code = r.code
    index = step.index
    shape = (output.channels, output.height, output.width)
    macs = step.macs
    parts = step.parts
    weightBytes = StepInfo.weightBytes(r, output)
    var bytes = StepInfo.activationBytes(output)
    for i in r.inputList { bytes += StepInfo.activationBytes(contents.tensors[i]) }
    activationBytes = bytes
    inputBytes = StepInfo.activationBytes(contents.tensors[r.inputs.0])
    record = r
    if case .convolution(let job) = step.work {
      format = WeightFormat(rawValue: UInt8(job.format)) ?? .none
      isFlat = job.isFlat
    } else {
      format = r.weightFormat
      isFlat = false
    }
    kernel = StepInfo.kernel(step, r)
  }

  /// Parts that so many threads would share.
  public func parts(threads: Int) -> Int {
    var cut = step
    setThreads(&cut, threads)
    return cut.parts
  }

  /// Bytes of weights of an operator, both planes.
  public static func weightBytes(_ r: OperatorRecord, _ output: TensorRecord) -> Int {
    if r.code == .depthwiseConvolution {
      return output.paddedChannels * r.kernelHeight * r.kernelWidth
    }
    switch r.weightFormat {
    case .none: return 0
    case .code4: return output.paddedChannels * r.groups * 4
    case .int8, .nested8: return output.paddedChannels * r.groups * 8
    }
  }

  private static func activationBytes(_ t: TensorRecord) -> Int {
    let pixels = t.height * t.width
    switch t.kind {
    case .pixels: return pixels * 4
    case .float32: return pixels * t.channels * 4
    case .uint8, .uint8PerChannel: return pixels * t.paddedChannels
    }
  }

  private static func kernel(_ step: Step, _ r: OperatorRecord) -> String {
    switch step.work {
    case .convolution(let job):
      let format = ["", "int8", "code4", "nested8"][job.format]
      let shape =
        job.height * job.width == 1 ? "vector" : job.isFlat ? "matrix" : "window"
      return "\(shape) \(format)"
    case .depthwise: return "depthwise \(r.kernelHeight)x\(r.kernelWidth)/\(r.strideY) int8"
    case .elementwise: return step.isContiguous ? "elementwise" : "elementwise by rows"
    case .pool: return "pool"
    case .portable: return "portable"
    case .nothing: return "in place"
    }
  }
}
