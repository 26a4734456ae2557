/// One step of the pruning dial of a file: a cheaper way to run it, with what calibration on
/// unlabelled photos found. Rows stand in the section runTimeTables (docs/format.md).
public struct PruneRow: Sendable, Equatable {
  /// What makes it cheaper.
  public enum Way: UInt8, Sendable {
    /// A pass of the same file at a lower resolution or with fewer bits first, the full one when
    /// its margin is low.
    case ownPass = 1
    /// A pass of another file first.
    case otherFile = 2
    /// The file's own gates leave groups of channels out.
    case gates = 3

    /// The word for people and JSON.
    public var word: StaticString {
      switch self {
      case .ownPass: "own pass"
      case .otherFile: "other file"
      case .gates: "gates"
      }
    }
  }

  public var way = Way.ownPass
  /// The dial in thousandths, 1...1000: this row serves from here up to the next one.
  public var dial = 0
  /// Side of the first pass's input in pixels; 0: its file's own.
  public var resolution = 0
  /// Bits of the first pass's weights, 4 or 8; 0 for gates.
  public var bits = 0
  /// Stands for the other file's bytes: the checksum of its header; else 0.
  public var partner: UInt32 = 0
  /// The full pass follows when the first one's margin is below this (`Confidence`); 0: never.
  public var margin: Float = 0
  /// Added to the thresholds of gates.
  public var shift: Float = 0
  /// Share of calibration photos with the full pass's first answer, 0...1.
  public var agreement: Float = 0
  /// Mean time of a frame as a share of the full pass alone, above 0, at most 1: a row that saves
  /// nothing is not kept.
  public var cost: Float = 0
  /// Time of the first pass as a share of the full one, 0...1; a frame takes at most 1 + this.
  public var firstCost: Float = 0
  /// Share of calibration photos that needed the full pass.
  public var escalated: Float = 0
  /// Photos that were compared, at least 1.
  public var photos = 0

  public init() {}

  /// Bytes of one in the file.
  package static let bytes = 48
  /// Most of them in a file.
  package static let most = 256
}

extension PruneRow {
  /// Reads and checks one; `before` is the one above it.
  init(
    _ reader: inout ByteReader, after before: PruneRow?, place: String
  ) throws(SwiftletError) {
    self.init()
    let number = try reader.read(UInt8.self)
    bits = Int(try reader.read(UInt8.self))
    dial = Int(try reader.read(UInt16.self))
    resolution = Int(try reader.read(UInt16.self))
    try reader.zeros(2)
    partner = try reader.read(UInt32.self)
    margin = try reader.float()
    shift = try reader.float()
    agreement = try reader.float()
    cost = try reader.float()
    firstCost = try reader.float()
    escalated = try reader.float()
    photos = Int(try reader.read(UInt32.self))
    try reader.zeros(8)
    let known = Way(rawValue: number)
    way = known ?? .gates
    func isShare(_ value: Float) -> Bool { value >= 0 && value <= 1 }
    let sound =
      known != nil && (1...1000).contains(dial) && resolution <= ModelFormat.maxSide
      && (way == .gates ? bits == 0 : bits == 4 || bits == 8) && (way == .otherFile || partner == 0)
      && margin >= 0 && margin.isFinite && shift.isFinite && isShare(agreement) && isShare(cost)
      && cost > 0 && isShare(firstCost) && isShare(escalated) && photos > 0
    guard sound, follows(before) else {
      throw SwiftletError(
        .modelRange, place: place, expected: "sound rows, those of a way by rising dial",
        found: "way \(number), dial \(dial)")
    }
  }

  /// Rows of one way and partner stand together, by rising dial and falling cost; one first pass
  /// serves all of them.
  private func follows(_ before: PruneRow?) -> Bool {
    guard let before else { return true }
    if way == before.way && partner == before.partner {
      return dial > before.dial && cost <= before.cost && resolution == before.resolution
        && bits == before.bits
    }
    return (way.rawValue, partner) > (before.way.rawValue, before.partner)
  }
}

extension ModelContents {
  /// The rows of a way, by rising dial.
  public func pruneRows(_ way: PruneRow.Way, partner: UInt32 = 0) -> [PruneRow] {
    var rows: [PruneRow] = []
    for row in pruneRows where row.way == way && row.partner == partner { rows.append(row) }
    return rows
  }

  /// The checksum of header and section table, which stands for the whole file.
  public var headerChecksum: UInt32 {
    bytes.loadUnaligned(fromByteOffset: ModelFormat.headerChecksumOffset, as: UInt32.self)
  }
}
