// Records from bytes; the order of the reads is the layout (docs/format.md). Only what cannot be
// represented is refused here; the meaning is checked by ModelCheck.

extension TensorRecord {
  init(_ reader: inout ByteReader, number: Int, file: String) throws(SwiftletError) {
    self.init()
    name = try reader.offset()
    let kindNumber = try reader.read(UInt8.self)
    guard let known = ElementKind(rawValue: kindNumber) else {
      throw SwiftletError(
        .modelTensor, place: "\(file): tensor \(number)", expected: "an element kind 0 to 3",
        found: "\(kindNumber)")
    }
    kind = known
    zeroPoint = Int(try reader.read(UInt8.self))
    try reader.zeros(2)
    channels = Int(try reader.read(UInt32.self))
    height = Int(try reader.read(UInt16.self))
    width = Int(try reader.read(UInt16.self))
    scale = try reader.float()
    zeroPoints = try reader.offset()
    scales = try reader.offset()
    try reader.zeros(4)
  }
}

extension OperatorRecord {
  init(_ reader: inout ByteReader, number: Int, file: String) throws(SwiftletError) {
    self.init()
    let codeNumber = try reader.read(UInt16.self)
    let formatNumber = try reader.read(UInt8.self)
    let epilogueNumber = try reader.read(UInt8.self)
    guard let code = OperatorCode(rawValue: codeNumber),
      let weightFormat = WeightFormat(rawValue: formatNumber),
      let epilogue = EpilogueKind(rawValue: epilogueNumber)
    else {
      throw SwiftletError(
        .modelOperator, place: "\(file): operator \(number)",
        expected: "a known code, weight format and epilogue",
        found: "\(codeNumber), \(formatNumber) and \(epilogueNumber)")
    }
    self.code = code
    self.weightFormat = weightFormat
    self.epilogue = epilogue
    name = try reader.offset()
    inputs.0 = try reader.offset()
    inputs.1 = try reader.offset()
    inputs.2 = try reader.offset()
    inputs.3 = try reader.offset()
    output = try reader.offset()
    kernelHeight = Int(try reader.read(UInt8.self))
    kernelWidth = Int(try reader.read(UInt8.self))
    strideY = Int(try reader.read(UInt8.self))
    strideX = Int(try reader.read(UInt8.self))
    dilationY = Int(try reader.read(UInt8.self))
    dilationX = Int(try reader.read(UInt8.self))
    option = Int(try reader.read(UInt8.self))
    let sharing = try reader.read(UInt8.self)
    guard sharing <= 1 else {
      throw SwiftletError(
        .modelOperator, place: "\(file): operator \(number)", expected: "table sharing 0 or 1",
        found: "\(sharing)")
    }
    sharesTables = sharing == 1
    padTop = Int(try reader.read(UInt16.self))
    padLeft = Int(try reader.read(UInt16.self))
    padBottom = Int(try reader.read(UInt16.self))
    padRight = Int(try reader.read(UInt16.self))
    startChannel = Int(try reader.read(UInt32.self))
    startY = Int(try reader.read(UInt16.self))
    startX = Int(try reader.read(UInt16.self))
    groups = Int(try reader.read(UInt32.self))
    weights = try reader.offset()
    refinement = try reader.offset()
    tables = try reader.offset()
    fineTables = try reader.offset()
    constants = try ChannelConstants(&reader)
    coarseConstants = try ChannelConstants(&reader)
    outScale = try reader.offset()
    outZero = try reader.offset()
    table = try reader.offset()
    a = try reader.float()
    b = try reader.float()
    c = try reader.float()
    inputGate = Int(try reader.read(UInt32.self)) - 1
    outputGate = Int(try reader.read(UInt32.self)) - 1
  }
}

extension ChannelConstants {
  init(_ reader: inout ByteReader) throws(SwiftletError) {
    self.init()
    scale = try reader.offset()
    biasU8 = try reader.offset()
    biasS8 = try reader.offset()
  }
}

extension PreprocessingRecord {
  init(_ reader: inout ByteReader, place: String) throws(SwiftletError) {
    self.init()
    let rule = try reader.read(UInt8.self)
    let order = try reader.read(UInt8.self)
    let count = try reader.read(UInt8.self)
    guard let known = Resize(rawValue: rule), order <= 1, count <= 4 else {
      throw SwiftletError(
        .modelPreprocessing, place: place,
        expected: "a known resize rule and colour order, at most 4 channels",
        found: "\(rule), \(order) and \(count)")
    }
    resize = known
    isBGR = order == 1
    channels = Int(count)
    try reader.zeros(1)
    shortSide = Int(try reader.read(UInt32.self))
    for i in 0..<4 { mean[i] = try reader.float() }
    for i in 0..<4 { std[i] = try reader.float() }
    try reader.zeros(24)
    for i in 0..<4 {
      guard mean[i].isFinite, std[i].isFinite, std[i] > 0 else {
        throw SwiftletError(
          .modelPreprocessing, place: place, expected: "finite means and positive deviations",
          found: "something else for channel \(i)")
      }
    }
  }
}
