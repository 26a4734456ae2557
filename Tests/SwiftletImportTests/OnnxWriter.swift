/// Writes protobuf wire format by hand: small ONNX files for tests, right or wrong on purpose.
/// Field numbers are those of onnx.proto.
struct Message {
  var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  func integer(_ field: UInt64, _ value: Int) -> Message {
    var copy = self
    copy.varint(field << 3)
    copy.varint(UInt64(bitPattern: Int64(value)))
    return copy
  }

  func data(_ field: UInt64, _ value: [UInt8]) -> Message {
    var copy = self
    copy.varint(field << 3 | 2)
    copy.varint(UInt64(value.count))
    copy.bytes += value
    return copy
  }

  func text(_ field: UInt64, _ value: String) -> Message { data(field, Array(value.utf8)) }

  func message(_ field: UInt64, _ value: Message) -> Message { data(field, value.bytes) }

  func float(_ field: UInt64, _ value: Float) -> Message {
    var copy = self
    copy.varint(field << 3 | 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { copy.bytes += $0 }
    return copy
  }
}

enum Onnx {
  enum Attribute {
    case int(Int)
    case float(Float)
    case text(String)
    case ints([Int])
    case tensor(Message)
  }

  static func node(
    _ type: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [String: Attribute] = [:],
    name: String = "", domain: String = ""
  ) -> Message {
    var node = Message()
    for input in inputs { node = node.text(1, input) }
    for output in outputs { node = node.text(2, output) }
    node = node.text(3, name).text(4, type)
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      var attribute = Message().text(1, name)
      switch value {
      case .float(let number): attribute = attribute.float(2, number).integer(20, 1)
      case .int(let number): attribute = attribute.integer(3, number).integer(20, 2)
      case .text(let string): attribute = attribute.text(4, string).integer(20, 3)
      case .tensor(let tensor): attribute = attribute.message(5, tensor).integer(20, 4)
      case .ints(let numbers):
        for number in numbers { attribute = attribute.integer(8, number) }
        attribute = attribute.integer(20, 7)
      }
      node = node.message(5, attribute)
    }
    return domain.isEmpty ? node : node.text(7, domain)
  }

  /// A tensor of floats with raw data.
  static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> Message {
    var tensor = Message()
    for extent in shape { tensor = tensor.integer(1, extent) }
    let raw = values.flatMap { value in withUnsafeBytes(of: value.bitPattern) { Array($0) } }
    return tensor.integer(2, 1).text(8, name).data(9, raw)
  }

  /// A tensor of Int64.
  static func integers(_ name: String, _ values: [Int]) -> Message {
    var tensor = Message().integer(1, values.count).integer(2, 7)
    for value in values { tensor = tensor.integer(7, value) }
    return tensor.text(8, name)
  }

  /// An input or output; a negative extent is written as a symbol.
  static func value(_ name: String, _ shape: [Int]) -> Message {
    var dimensions = Message()
    for extent in shape {
      dimensions = dimensions.message(
        1, extent < 0 ? Message().text(2, "n") : Message().integer(1, extent))
    }
    let type = Message().integer(1, 1).message(2, dimensions)
    return Message().text(1, name).message(2, Message().message(1, type))
  }

  static func model(
    _ nodes: [Message], inputs: [Message], outputs: [Message], constants: [Message] = [],
    opset: Int = 13
  ) -> [UInt8] {
    var graph = Message()
    for node in nodes { graph = graph.message(1, node) }
    graph = graph.text(2, "test")
    for constant in constants { graph = graph.message(5, constant) }
    for input in inputs { graph = graph.message(11, input) }
    for output in outputs { graph = graph.message(12, output) }
    return Message().integer(1, 8).message(7, graph)
      .message(8, Message().text(1, "").integer(2, opset)).bytes
  }

  /// A network that touches most of the importer: convolution, batch normalisation, SiLU, pool,
  /// resize, concat, slice, shape arithmetic, dense layer, softmax.
  static var small: [UInt8] {
    var random = SplitMix(state: 3)
    func floats(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }
    return model(
      [
        node(
          "Conv", ["x", "w", "b"], ["c"],
          ["pads": .ints([1, 1, 1, 1]), "strides": .ints([1, 1]), "group": .int(1)]),
        node("BatchNormalization", ["c", "s", "b", "m", "v"], ["n"], ["epsilon": .float(1e-3)]),
        node("Sigmoid", ["n"], ["g"]), node("Mul", ["n", "g"], ["a"]),
        node(
          "MaxPool", ["a"], ["p"], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
        node(
          "Resize", ["p", "", "scales"], ["r"],
          ["mode": .text("nearest"), "coordinate_transformation_mode": .text("asymmetric")]),
        node("Concat", ["r", "a"], ["k"], ["axis": .int(1)]),
        node("Slice", ["k", "starts", "ends", "axes"], ["l"]),
        node("GlobalAveragePool", ["l"], ["u"]), node("Shape", ["u"], ["shape"]),
        node("Gather", ["shape", "zero"], ["batch"], ["axis": .int(0)]),
        node("Concat", ["batch", "rest"], ["wanted"], ["axis": .int(0)]),
        node("Reshape", ["u", "wanted"], ["f"]),
        node("Gemm", ["f", "d"], ["y"], ["transB": .int(1)]),
        node("Softmax", ["y"], ["o"], ["axis": .int(-1)]),
      ],
      inputs: [value("x", [-1, 3, 6, 6])], outputs: [value("o", [1, 5])],
      constants: [
        tensor("w", [4, 3, 3, 3], floats(108)), tensor("b", [4], floats(4)),
        tensor("s", [4], floats(4)), tensor("m", [4], floats(4)),
        tensor("v", [4], [1, 2, 1, 0.5]), tensor("scales", [4], [1, 1, 2, 2]),
        integers("starts", [1]), integers("ends", [7]), integers("axes", [1]),
        integers("zero", [0]), integers("rest", [-1]), tensor("d", [5, 6], floats(30)),
      ])
  }
}
