import SwiftletCore

// A quantised network in memory, in plain logical order; ModelWriter packs it into the kernels'
// order and writes the file. Made by the quantiser and, in small, by tests.

/// A tensor of one image.
public struct QuantizedTensor: Sendable {
  public var name: String
  public var kind: ElementKind
  public var channels: Int
  public var height: Int
  public var width: Int
  /// One value, or one per channel (`uint8PerChannel`).
  public var scales: [Float]
  /// One value, or one per channel (`uint8PerChannel`, `pixels`), 0...255.
  public var zeroPoints: [Int]

  public init(
    name: String, kind: ElementKind, channels: Int, height: Int, width: Int, scales: [Float] = [1],
    zeroPoints: [Int] = [0]
  ) {
    self.name = name
    self.kind = kind
    self.channels = channels
    self.height = height
    self.width = width
    self.scales = scales
    self.zeroPoints = zeroPoints
  }
}

/// Integer weights [N][C][kernelHeight][kernelWidth] (depthwise: [C][1][kh][kw]), flat.
public enum QuantizedWeights: Sendable {
  case int8([Int8])
  /// Codes 0...15 and one 16-entry table (|v| <= 63) for each `channelsPerTable` channels
  /// (a multiple of 4, or N for one table a layer).
  case code4(codes: [UInt8], tables: [[Int8]], channelsPerTable: Int)
  /// w = 2 * tables[coarse] + fineTables[fine].
  case nested8(
    coarse: [UInt8], tables: [[Int8]], fine: [UInt8], fineTables: [[Int8]], channelsPerTable: Int)
}

/// Per-channel constants of a layer, [N] each.
public struct QuantizedConstants: Sendable {
  public var scale: [Float]
  /// Start of an accumulator over q in 0...255: holds the real bias, minus the input's zero
  /// points times the weights, plus the output's zero point, all in steps of the accumulator.
  public var biasU8: [Int32]

  public init(scale: [Float], biasU8: [Int32]) {
    self.scale = scale
    self.biasU8 = biasU8
  }
}

/// One operator; fields as in `OperatorRecord`, which has the formulas.
public struct QuantizedOperator: Sendable {
  public var code: OperatorCode
  public var name: String
  public var inputs: [Int]
  public var output: Int
  /// Kernel, stride, dilation, padding, start, option, epilogue kind, a, b, c are taken from
  /// here; offsets in it are filled by the writer.
  public var record = OperatorRecord()
  public var weights: QuantizedWeights?
  public var constants: QuantizedConstants?
  /// nested8: constants for the first plane alone.
  public var coarseConstants: QuantizedConstants?
  /// hardSwish epilogue: [N] each.
  public var outScale: [Float] = []
  public var outZero: [Int32] = []
  /// lookup: 256 values of q.
  public var lookupTable: [UInt8] = []
  /// prelu: a slope per channel.
  public var slopes: [Float] = []
  /// Layers: tensors that `gate` operators wrote, one value for each block of 16 channels of the
  /// first input (which ones to read) and of the output (which ones to compute).
  public var inputGate: Int?
  public var outputGate: Int?
  /// Convolution with an input gate: what q counts as in channels that are left out, one for each
  /// channel of the input; empty stands for the input's zero point.
  public var gateMeans: [UInt8] = []

  public init(code: OperatorCode, name: String, inputs: [Int], output: Int) {
    self.code = code
    self.name = name
    self.inputs = inputs
    self.output = output
  }
}

/// How a photo becomes the network's input.
public struct Preprocessing: Sendable {
  public enum Resize: UInt8, Sendable {
    /// The whole photo, squashed to the input size.
    case squash = 0
    /// Short side to `shortSide`, then the centre.
    case crop = 1
  }
  public var resize: Resize
  public var shortSide: Int
  public var isBGR: Bool
  /// Mean and standard deviation in pixel units, network's channel order (for the record: the
  /// first layer holds them already).
  public var mean: [Float]
  public var std: [Float]

  public init(
    resize: Resize = .squash, shortSide: Int = 0, isBGR: Bool = false, mean: [Float] = [0, 0, 0],
    std: [Float] = [1, 1, 1]
  ) {
    self.resize = resize
    self.shortSide = shortSide
    self.isBGR = isBGR
    self.mean = mean
    self.std = std
  }
}

/// Everything a model file holds.
public struct QuantizedNetwork: Sendable {
  public var name: String
  public var tensors: [QuantizedTensor] = []
  /// In order of execution.
  public var operators: [QuantizedOperator] = []
  /// The image.
  public var input: Int = 0
  /// Float tensors.
  public var outputs: [Int] = []
  public var preprocessing = Preprocessing()
  public var labels: [String] = []
  /// Free text for the record: recipe, photos, node counts before and after rewriting.
  public var record: String = ""
  /// What calibration found, rising by resolution, then bits.
  public var agreements: [AgreementRecord] = []
  /// Cheaper ways to run it, by way, first file and dial; may be empty.
  public var pruneRows: [PruneRow] = []

  public init(name: String) { self.name = name }
}
