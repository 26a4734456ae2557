/// Numbers of the model file format; docs/format.md explains them.
public enum ModelFormat {
  /// "SWLT", little-endian.
  public static let magic: UInt32 = 0x544C_5753
  public static let version: UInt16 = 1

  public static let headerBytes = 64
  public static let sectionEntryBytes = 24
  public static let networkBytes = 16
  public static let tensorBytes = 32
  public static let operatorBytes = 128
  public static let preprocessingBytes = 64
  /// Where the header keeps its own checksum (counted as zero while it is computed).
  public static let headerChecksumOffset = 12

  /// Sections and the arrays inside them start at multiples of this.
  public static let alignment = 64
  /// Weight planes start at multiples of this: the largest page of common kernels would be 64 KiB,
  /// but 4 KiB keeps files small and still lets 4-bit runs leave the second plane on disk.
  public static let planeAlignment = 4096

  /// What the scale of a padding channel is: 2^-100, so that its output is a constant.
  public static let paddingScale = Float(sign: .plus, exponent: -100, significand: 1)

  // Limits. They bound the memory and time of a verification and keep every product of sizes in
  // the kernels far from overflow.
  public static let maxFileBytes = 1 << 31
  public static let maxSections = 32
  public static let maxTensors = 1 << 16
  public static let maxOperators = 1 << 16
  public static let maxOutputs = 64
  public static let maxLabels = 1 << 16
  public static let maxStringBytes = 1 << 24
  public static let maxRecordBytes = 1 << 20
  public static let maxSide = 1 << 14
  public static let maxChannels = 1 << 16
  /// Padded elements of one tensor, halo included.
  public static let maxElements = 1 << 28
  /// Bytes of all tensors together, halos included.
  public static let maxActivationBytes = 1 << 31
  /// Bytes of all arrays of all operators together, counted once for each use.
  public static let maxArrayBytes = 1 << 31
  /// Bytes of codebooks that opening repeats for each four channels.
  public static let maxTableBytes = 1 << 24
  public static let maxKernel = 255
  public static let maxStep = 64
  public static let maxGroups = 1 << 14
  /// Positions of a global mean: 255 times as many still fit Int32.
  public static let maxPositions = 1 << 23
  /// Every float that becomes an integer is smaller.
  public static let maxMagnitude = 1_073_741_824.0  // 2^30

  /// `value` rounded up to a multiple of `alignment`, a power of two. `value` < 2^62.
  public static func aligned(_ value: Int, to alignment: Int = alignment) -> Int {
    (value + alignment - 1) & ~(alignment - 1)
  }
}

/// The parts of a model file, in the order in which they stand in it.
///
/// The numbers are part of the format: explicit, never reused, never renumbered. The gap leaves
/// room for new parts before the planes, which stay last.
public enum SectionKind: UInt32, CaseIterable, Sendable {
  /// Name, input and outputs.
  case network = 1
  /// Zero-terminated UTF-8, one after another.
  case strings = 2
  case tensors = 3
  case operators = 4
  /// Per-channel arrays and tables, each at a multiple of 64 bytes.
  case parameters = 5
  case preprocessing = 6
  case labels = 7
  /// Free text about the making of the file.
  case record = 8
  /// What calibration found: `AgreementRecord`s.
  case calibration = 9
  /// Cheaper ways to run the network: `PruneRow`s.
  case runTimeTables = 10
  /// int8 weights and first nibble planes.
  case weights = 100
  /// Second nibble planes.
  case refinement = 101

  /// The word used in messages.
  public var name: String {
    switch self {
    case .network: "network"
    case .strings: "strings"
    case .tensors: "tensors"
    case .operators: "operators"
    case .parameters: "parameters"
    case .preprocessing: "preprocessing"
    case .labels: "labels"
    case .record: "record"
    case .calibration: "calibration"
    case .runTimeTables: "runTimeTables"
    case .weights: "weights"
    case .refinement: "refinement"
    }
  }

  /// Weight planes: page-aligned, checked at first use instead of at open.
  public var isPlane: Bool { self == .weights || self == .refinement }

  /// Whether every file has it. Refinement is there if and only if an operator is nested8.
  public var isRequired: Bool {
    self != .calibration && self != .runTimeTables && self != .refinement
  }

  var alignment: Int { isPlane ? ModelFormat.planeAlignment : ModelFormat.alignment }
}
