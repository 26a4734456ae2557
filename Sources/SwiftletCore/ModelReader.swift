/// First half of the verification: header, section table, checksums of everything but the weight
/// planes, and the decoding of records. What the records say is checked by `ModelCheck`.
struct ModelReader {
  let bytes: UnsafeRawBufferPointer
  let name: String
  private(set) var contents: ModelContents

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws(SwiftletError) {
    self.bytes = bytes
    self.name = name
    let sections = try Self.sections(bytes, name: name)
    contents = ModelContents(fileName: name, bytes: bytes, sections: sections)
    try checkTable()
    try readNetwork()
    try checkStrings()
    try readTensors()
    try readOperators()
    try readPreprocessing()
    try readAgreements()
    try readPruneRows()
  }

  // MARK: header and table

  private static func sections(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(SwiftletError) -> [SectionInfo] {
    guard Int(bitPattern: bytes.baseAddress) % ModelFormat.alignment == 0 else {
      throw SwiftletError(.modelMisaligned, place: name, expected: "a multiple of 64")
    }
    let headerPlace = "\(name): header"
    var reader = ByteReader(bytes, place: headerPlace)
    guard try reader.read(UInt32.self) == ModelFormat.magic else {
      throw SwiftletError(.notAModel, place: name, expected: "the letters SWLT at byte 0")
    }
    let version = try reader.read(UInt16.self)
    guard version == ModelFormat.version else {
      throw SwiftletError(
        .modelVersion, place: name, expected: "\(ModelFormat.version)", found: "\(version)")
    }
    let headerBytes = try reader.read(UInt16.self)
    let count = Int(try reader.read(UInt32.self))
    let checksum = try reader.read(UInt32.self)
    let size = try reader.read(UInt64.self)
    guard size <= UInt64(ModelFormat.maxFileBytes) else {
      throw SwiftletError(
        .modelLimit, place: headerPlace, expected: "at most \(ModelFormat.maxFileBytes) bytes",
        found: "\(size)")
    }
    guard size == UInt64(bytes.count) else {
      throw SwiftletError(
        .modelCutShort, place: name, expected: "\(size) bytes", found: "\(bytes.count)")
    }
    guard headerBytes == ModelFormat.headerBytes, (1...ModelFormat.maxSections).contains(count)
    else {
      throw SwiftletError(
        .modelSections, place: headerPlace,
        expected:
          "\(ModelFormat.headerBytes) header bytes, 1 to \(ModelFormat.maxSections) sections",
        found: "\(headerBytes) and \(count)")
    }
    let end = ModelFormat.headerBytes + count * ModelFormat.sectionEntryBytes
    guard bytes.count >= end else {
      throw SwiftletError(
        .modelCutShort, place: "\(name): section table", expected: "\(end) bytes",
        found: "\(bytes.count)")
    }
    let computed = Checksum.header(bytes, sections: count)
    guard computed == checksum else {
      throw Self.damaged("\(name): header and section table", checksum, computed)
    }
    try reader.zeros(ModelFormat.headerBytes - reader.position)
    return try table(&reader, count: count, bytes: bytes, name: name)
  }

  /// Rows in order of kind, each section right behind the one before (after rounding up to its
  /// alignment, over zeros), the last one at the end of the file.
  private static func table(
    _ reader: inout ByteReader, count: Int, bytes: UnsafeRawBufferPointer, name: String
  ) throws(SwiftletError) -> [SectionInfo] {
    var sections: [SectionInfo] = []
    sections.reserveCapacity(count)
    var end = ModelFormat.headerBytes + count * ModelFormat.sectionEntryBytes
    var last: UInt32 = 0
    for row in 0..<count {
      let place = "\(name): section table, row \(row)"
      let number = try reader.read(UInt32.self)
      let checksum = try reader.read(UInt32.self)
      let offset = try reader.read(UInt64.self)
      let size = try reader.read(UInt64.self)
      guard let kind = SectionKind(rawValue: number) else {
        throw SwiftletError(
          .modelSections, place: place, expected: "a known kind", found: "kind \(number)")
      }
      guard number > last else {
        throw SwiftletError(
          .modelSections, place: place, expected: "a kind above \(last)", found: "\(number)")
      }
      last = number
      let start = ModelFormat.aligned(end, to: kind.alignment)
      guard offset == UInt64(start) else {
        throw SwiftletError(
          .modelSections, place: "\(name): section \(kind.name)",
          expected: "a start at byte \(start)",
          found: "\(offset)")
      }
      guard start <= bytes.count, size <= UInt64(bytes.count - start) else {
        throw SwiftletError(
          .modelSections, place: "\(name): section \(kind.name)",
          expected: "an end within \(bytes.count) bytes", found: "\(size) bytes from \(start)")
      }
      for i in end..<start where bytes[i] != 0 {
        throw SwiftletError(
          .modelReserved, place: "\(name): before section \(kind.name)",
          expected: "0 at byte \(i)", found: "\(bytes[i])")
      }
      end = start + Int(size)
      sections.append(SectionInfo(kind: kind, checksum: checksum, offset: start, size: Int(size)))
    }
    guard end == bytes.count else {
      throw SwiftletError(
        .modelSections, place: name, expected: "the last section to end at byte \(bytes.count)",
        found: "\(end)")
    }
    return sections
  }

  private func checkTable() throws(SwiftletError) {
    for kind in SectionKind.allCases where kind.isRequired {
      var isThere = false
      for section in contents.sections where section.kind == kind { isThere = true }
      guard isThere else {
        throw SwiftletError(.modelSections, place: name, expected: "a section \(kind.name)")
      }
    }
    for section in contents.sections where !section.kind.isPlane {
      try Self.checkChecksum(contents, section)
    }
  }

  static func checkChecksum(
    _ contents: ModelContents, _ section: SectionInfo
  ) throws(SwiftletError) {
    let computed = Checksum.crc32c(contents.section(section.kind))
    guard computed == section.checksum else {
      throw damaged(
        "\(contents.fileName): section \(section.kind.name)", section.checksum, computed)
    }
  }

  private static func damaged(_ place: String, _ stored: UInt32, _ computed: UInt32)
    -> SwiftletError
  {
    SwiftletError(
      .modelDamaged, place: place, expected: "checksum \(stored)", found: "\(computed)")
  }

  // MARK: sections

  private mutating func readNetwork() throws(SwiftletError) {
    let place = "\(name): section network"
    var reader = ByteReader(contents.section(.network), place: place)
    contents.nameOffset = try reader.offset()
    contents.input = try reader.offset()
    let count = Int(try reader.read(UInt32.self))
    try reader.zeros(4)
    guard (1...ModelFormat.maxOutputs).contains(count) else {
      throw SwiftletError(
        .modelLimit, place: place, expected: "1 to \(ModelFormat.maxOutputs) outputs",
        found: "\(count)")
    }
    for _ in 0..<count { contents.outputs.append(try reader.offset()) }
    try expectEnd(reader, place)
  }

  private func checkStrings() throws(SwiftletError) {
    let strings = contents.strings
    let place = "\(name): section strings"
    guard strings.count <= ModelFormat.maxStringBytes else {
      throw SwiftletError(
        .modelLimit, place: place, expected: "at most \(ModelFormat.maxStringBytes) bytes",
        found: "\(strings.count)")
    }
    guard strings.last == 0, Text.isUTF8(strings) else {
      throw SwiftletError(.modelText, place: place, expected: "UTF-8 that ends with a zero byte")
    }
    try checkString(contents.nameOffset, "\(name): section network")
    let labels = contents.labels
    guard labels.count % 4 == 0, labels.count / 4 <= ModelFormat.maxLabels else {
      throw SwiftletError(
        .modelLimit, place: "\(name): section labels",
        expected: "4 bytes for each of at most \(ModelFormat.maxLabels) labels",
        found: "\(labels.count) bytes")
    }
    for i in 0..<(labels.count / 4) {
      let offset = UInt32(
        littleEndian: labels.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
      guard isString(Int(offset)) else {
        throw SwiftletError(
          .modelText, place: "\(name): label \(i)", expected: "the start of a string",
          found: "offset \(offset)")
      }
    }
    let record = contents.section(.record)
    guard record.count <= ModelFormat.maxRecordBytes, Text.isUTF8(record) else {
      throw SwiftletError(
        .modelText, place: "\(name): section record",
        expected: "at most \(ModelFormat.maxRecordBytes) bytes of UTF-8",
        found: "\(record.count) bytes")
    }
  }

  private func isString(_ offset: Int) -> Bool {
    let strings = contents.strings
    guard offset >= 0, offset < strings.count else { return false }
    return offset == 0 || strings[offset - 1] == 0
  }

  func checkString(_ offset: Int, _ place: @autoclosure () -> String) throws(SwiftletError) {
    guard isString(offset) else {
      throw SwiftletError(
        .modelText, place: place(), expected: "the start of a string as name",
        found: "offset \(offset)")
    }
  }

  private func expectEnd(_ reader: ByteReader, _ place: String) throws(SwiftletError) {
    guard reader.remaining == 0 else {
      throw SwiftletError(
        .modelSections, place: place, expected: "\(reader.position) bytes",
        found: "\(reader.position + reader.remaining)")
    }
  }

  /// How many records of `bytes` each a section holds.
  private func count(
    _ kind: SectionKind, of bytes: Int, atMost limit: Int
  ) throws(SwiftletError) -> Int {
    let size = contents.section(kind).count
    guard size > 0, size % bytes == 0, size / bytes <= limit else {
      throw SwiftletError(
        .modelLimit, place: "\(name): section \(kind.name)",
        expected: "1 to \(limit) records of \(bytes) bytes", found: "\(size) bytes")
    }
    return size / bytes
  }

  private mutating func readTensors() throws(SwiftletError) {
    let total = try count(
      .tensors, of: ModelFormat.tensorBytes, atMost: ModelFormat.maxTensors)
    var reader = ByteReader(contents.section(.tensors), place: "\(name): section tensors")
    contents.tensors.reserveCapacity(total)
    for i in 0..<total {
      let record = try TensorRecord(&reader, number: i, file: name)
      try checkString(record.name, "\(name): tensor \(i)")
      contents.tensors.append(record)
    }
  }

  private mutating func readOperators() throws(SwiftletError) {
    let total = try count(
      .operators, of: ModelFormat.operatorBytes, atMost: ModelFormat.maxOperators)
    var reader = ByteReader(contents.section(.operators), place: "\(name): section operators")
    contents.operators.reserveCapacity(total)
    for i in 0..<total {
      let record = try OperatorRecord(&reader, number: i, file: name)
      try checkString(record.name, "\(name): operator \(i)")
      contents.operators.append(record)
    }
  }

  private mutating func readAgreements() throws(SwiftletError) {
    if contents.section(.calibration).isEmpty { return }
    let total = try count(
      .calibration, of: AgreementRecord.bytes, atMost: AgreementRecord.most)
    let place = "\(name): section calibration"
    var reader = ByteReader(contents.section(.calibration), place: place)
    for _ in 0..<total {
      contents.agreements.append(
        try AgreementRecord(&reader, after: contents.agreements.last, place: place))
    }
  }

  private mutating func readPruneRows() throws(SwiftletError) {
    if contents.section(.runTimeTables).isEmpty { return }
    let total = try count(.runTimeTables, of: PruneRow.bytes, atMost: PruneRow.most)
    let place = "\(name): section runTimeTables"
    var reader = ByteReader(contents.section(.runTimeTables), place: place)
    for _ in 0..<total {
      contents.pruneRows.append(
        try PruneRow(&reader, after: contents.pruneRows.last, place: place))
    }
  }

  private mutating func readPreprocessing() throws(SwiftletError) {
    let place = "\(name): section preprocessing"
    var reader = ByteReader(contents.section(.preprocessing), place: place)
    contents.preprocessing = try PreprocessingRecord(&reader, place: place)
    try expectEnd(reader, place)
  }
}
