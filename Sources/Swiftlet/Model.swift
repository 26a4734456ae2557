import SwiftletCore

/// A verified model file, mapped into memory; nothing of it is copied.
public struct Model: ~Copyable {
  let mapping: Mapping

  /// Maps the file and verifies its structure: tables, codebooks, scales, every extent.
  ///
  /// Throws SYS errors if it cannot be opened, MDL errors if it is no sound model; cost well
  /// below a millisecond, whatever the file holds.
  public init(mapping path: String) throws(SwiftletError) {
    mapping = try Mapping(path)
  }

  /// The decoded tables; its texts, weights and sections live as long as the model.
  public var contents: ModelContents { mapping.contents }

  /// Stands for the file's bytes: the checksum of header and section table.
  public var checksum: UInt32 { mapping.contents.headerChecksum }

  /// The name of a class; empty where the file has none.
  public func label(_ index: Int) -> String { contents.label(index) }
}

/// The mapped bytes and their decoded tables; a session shares them with its model.
final class Mapping {
  let file: MappedFile
  let contents: ModelContents

  init(_ path: String) throws(SwiftletError) {
    let file = try MappedFile(path: path)
    contents = try ModelVerifier.verify(bytes: file.bytes, name: path)
    self.file = file
  }
}
