/// Where the fields of a record lie in its bytes (docs/format.md), for mutations and for the test
/// that compares the document.
public struct RecordField: Sendable {
  public let name: String
  public let offset: Int
  /// 1, 2 or 4 bytes; reserved ones may be longer.
  public let size: Int

  static func list(_ fields: [(String, Int)]) -> [RecordField] {
    var offset = 0
    return fields.map { name, size in
      defer { offset += size }
      return RecordField(name: name, offset: offset, size: size)
    }
  }

  public static let tensor = list([
    ("name", 4), ("kind", 1), ("zeroPoint", 1), ("reserved", 2), ("channels", 4), ("height", 2),
    ("width", 2), ("scale", 4), ("zeroPoints", 4), ("scales", 4), ("reserved", 4),
  ])

  public static let operation = list([
    ("code", 2), ("weightFormat", 1), ("epilogue", 1), ("name", 4), ("input 0", 4),
    ("input 1", 4), ("input 2", 4), ("input 3", 4), ("output", 4), ("kernelHeight", 1),
    ("kernelWidth", 1), ("strideY", 1), ("strideX", 1), ("dilationY", 1), ("dilationX", 1),
    ("option", 1), ("sharesTables", 1), ("padTop", 2), ("padLeft", 2), ("padBottom", 2),
    ("padRight", 2), ("startChannel", 4), ("startY", 2), ("startX", 2), ("groups", 4),
    ("weights", 4), ("refinement", 4), ("tables", 4), ("fineTables", 4), ("scale", 4),
    ("biasU8", 4), ("biasS8", 4), ("coarse scale", 4), ("coarse biasU8", 4),
    ("coarse biasS8", 4), ("outScale", 4), ("outZero", 4), ("table", 4), ("a", 4), ("b", 4),
    ("c", 4), ("inputGate", 4), ("outputGate", 4),
  ])

  public static let network = list([
    ("name", 4), ("input", 4), ("outputs", 4), ("reserved", 4), ("first output", 4),
  ])

  public static let preprocessing = list([
    ("resize", 1), ("colour order", 1), ("channels", 1), ("reserved", 1), ("shortSide", 4),
    ("mean 0", 4), ("mean 1", 4), ("mean 2", 4), ("mean 3", 4), ("std 0", 4), ("std 1", 4),
    ("std 2", 4), ("std 3", 4), ("reserved", 24),
  ])

  public static let calibration = list([
    ("bits", 2), ("resolution", 2), ("photos", 4), ("share", 4), ("reserved", 4),
  ])

  public static let pruneRow = list([
    ("way", 1), ("bits", 1), ("dial", 2), ("resolution", 2), ("reserved", 2), ("partner", 4),
    ("margin", 4), ("shift", 4), ("agreement", 4), ("cost", 4), ("firstCost", 4),
    ("escalated", 4), ("photos", 4), ("reserved", 8),
  ])

  public static let header = list([
    ("magic", 4), ("version", 2), ("header size", 2), ("sections", 4), ("checksum", 4),
    ("file size", 4), ("file size, high", 4), ("reserved", 40),
  ])

  public static let section = list([
    ("kind", 4), ("checksum", 4), ("offset", 4), ("offset, high", 4), ("size", 4),
    ("size, high", 4),
  ])
}
