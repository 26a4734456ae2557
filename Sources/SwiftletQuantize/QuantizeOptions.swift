import SwiftletWriter

/// How all weights of a network are stored (`--weights`).
public enum WeightOption: String, Sendable, CaseIterable, Codable {
  /// 16-entry tables of 4-bit codes; depthwise and first layers int8.
  case four = "4"
  /// Two planes of 4 bits, of which the first can run alone.
  case eight = "8"
  /// One byte a weight, one scale a channel.
  case int8
  /// 4 bits, and int8 for the layers where a byte helps most.
  case mixed
}

/// What `Quantizer` is told. The defaults are the recipe; networks need no settings of their own.
public struct QuantizeOptions: Sendable {
  public var weights = WeightOption.four
  /// Mean, deviation, order and size of the pixels; goes into the file.
  public var preprocessing = Preprocessing()
  public var labels: [String] = []
  public var threads = 2
  /// Fixes the sampled positions; everything else is determined.
  public var seed: UInt64 = 1
  /// Output channels that share a codebook, a multiple of 4; 0: the whole layer.
  public var channelsPerTable = 4
  /// `mixed`: bytes of weights as a multiple of those at 4 bits.
  public var mixedSize = 1.25
  /// Sampled positions of each photo for second moments.
  public var positionsPerPhoto = 64
  /// Added to the diagonal of second moments, as a part of its mean.
  public var damping: Float = 0.01
  /// Weights make up for errors of their quantised input.
  public var correctsInputs = true
  /// Memory for activations of all photos at once; fewer photos are used if they need more.
  public var activationBytes = 1_900_000_000
  /// Rounds of refitting tables, and of coordinate descent.
  public var refits = 3
  public var descents = 3

  public init() {}

  func fit(threads: Int) -> FitSettings {
    var settings = FitSettings()
    settings.channelsPerTable = channelsPerTable
    settings.refits = refits
    settings.descents = descents
    settings.threads = threads
    return settings
  }
}

/// Calibration photos: no labels, pixels as the camera loop would give them.
public struct CalibrationPhotos: Sendable {
  public var count: Int
  /// Pixels [H][W][C], 0...255, resized to the network's input, in its order of colours.
  public var pixels: @Sendable (Int) -> [UInt8]

  public init(count: Int, pixels: @escaping @Sendable (Int) -> [UInt8]) {
    self.count = count
    self.pixels = pixels
  }
}

/// What became of a network, layer by layer. Signal to noise in dB.
public struct QuantizeReport: Sendable, Codable {
  public struct LayerRow: Sendable, Codable {
    public var name: String
    /// code4, nested8 or int8.
    public var form: String
    public var bits: Int
    public var weights: Int
    public var bytes: Int
    /// Of the layer's output by its rounded weights alone.
    public var weightSQNR: Double
    /// Of the layer's stored output against float, earlier layers included.
    public var outputSQNR: Double
  }

  public var network = ""
  public var weights = ""
  public var photos = 0
  public var seed: UInt64 = 0
  /// The rule by which ranges were chosen ("+": the one for ranges of each channel), and what
  /// each scored on the outputs.
  public var rangeRule = ""
  public var rangeScores: [String: Double] = [:]
  public var layers: [LayerRow] = []
  public var weightBytes = 0

  public init() {}
}
