/// How often a way to run the file gave the float network's answer on the calibration photos: the
/// accuracy that a scheduler weighs against watts. No label is needed for it.
public struct AgreementRecord: Sendable, Equatable {
  /// Bits of the weights in use, 4 or 8.
  public var bits = 8
  /// Side of the input in pixels; 0: the file's own.
  public var resolution = 0
  /// Photos that were compared, at least 1.
  public var photos = 0
  /// Share of them with the same first answer, 0...1.
  public var share: Float = 0

  public init() {}

  public init(bits: Int, resolution: Int = 0, photos: Int, share: Float) {
    self.bits = bits
    self.resolution = resolution
    self.photos = photos
    self.share = share
  }

  /// Bytes of one in the file.
  package static let bytes = 16
  /// Most of them in a file.
  package static let most = 64
}

extension AgreementRecord {
  /// Reads and checks one; `before` is the one above it, which is smaller.
  init(
    _ reader: inout ByteReader, after before: AgreementRecord?, place: String
  ) throws(SwiftletError) {
    bits = Int(try reader.read(UInt16.self))
    resolution = Int(try reader.read(UInt16.self))
    photos = Int(try reader.read(UInt32.self))
    share = try reader.float()
    try reader.zeros(4)
    var rises = true
    if let before {
      rises = (before.resolution, before.bits) < (resolution, bits)
    }
    guard bits == 4 || bits == 8, resolution <= ModelFormat.maxSide, photos > 0,
      share >= 0, share <= 1, rises
    else {
      throw SwiftletError(
        .modelRange, place: place,
        expected: "rising resolution and bits (4 or 8), 1 photo or more, a share 0 to 1",
        found: "\(resolution), \(bits), \(photos) photos")
    }
  }
}

extension ModelContents {
  /// The agreement at these bits and resolution; nil if it was not measured.
  public func agreement(bits: Int, resolution: Int = 0) -> AgreementRecord? {
    for record in agreements where record.bits == bits && record.resolution == resolution {
      return record
    }
    return nil
  }
}
