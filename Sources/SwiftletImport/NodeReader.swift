import Foundation
import SwiftletCore
import SwiftletGraph

/// Why a node cannot be imported; the importer collects these.
struct Unsupported: Error {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// One ONNX node while it is translated: its attributes by name and type.
struct NodeReader {
  let proto: Onnx_NodeProto
  let opset: Int
  /// Constants known so far and the element types of values, where the file tells.
  let constants: [String: Tensor]
  let elementTypes: [String: StoredType]
  private let attributes: [String: Onnx_AttributeProto]
  private var unread: Set<String>

  init(
    _ proto: Onnx_NodeProto, opset: Int, constants: [String: Tensor],
    elementTypes: [String: StoredType]
  ) {
    self.proto = proto
    self.opset = opset
    self.constants = constants
    self.elementTypes = elementTypes
    attributes = Dictionary(proto.attribute.map { ($0.name, $0) }) { first, _ in first }
    unread = Set(attributes.keys)
  }

  func hasInput(_ index: Int) -> Bool {
    index < proto.input.count && !proto.input[index].isEmpty
  }

  func hasOutput(_ index: Int) -> Bool {
    index < proto.output.count && !proto.output[index].isEmpty
  }

  /// The value of an input that is a constant.
  func constant(_ index: Int) -> Tensor? {
    hasInput(index) ? constants[proto.input[index]] : nil
  }

  /// Attributes that nobody asked for, sorted.
  var unreadNames: [String] { unread.sorted() }

  /// These change nothing in inference.
  mutating func ignore(_ names: String...) { unread.subtract(names) }

  mutating func has(_ name: String) -> Bool { attributes[name] != nil }

  private mutating func attribute(_ name: String, _ type: Onnx_AttributeProto.AttributeType)
    throws(Unsupported) -> Onnx_AttributeProto?
  {
    guard let attribute = attributes[name] else { return nil }
    unread.remove(name)
    guard attribute.type == type else {
      throw Unsupported("attribute \(name) has type \(attribute.type), expected \(type)")
    }
    return attribute
  }

  mutating func optionalInt(_ name: String) throws(Unsupported) -> Int? {
    try attribute(name, .int).map { Int($0.i) }
  }

  mutating func int(_ name: String, _ standard: Int) throws(Unsupported) -> Int {
    try optionalInt(name) ?? standard
  }

  mutating func flag(_ name: String, _ standard: Bool = false) throws(Unsupported) -> Bool {
    try int(name, standard ? 1 : 0) != 0
  }

  mutating func float(_ name: String, _ standard: Float) throws(Unsupported) -> Float {
    try attribute(name, .float)?.f ?? standard
  }

  mutating func string(_ name: String, _ standard: String) throws(Unsupported) -> String {
    try attribute(name, .string).map { String(decoding: $0.s, as: UTF8.self) } ?? standard
  }

  mutating func ints(_ name: String) throws(Unsupported) -> [Int]? {
    try attribute(name, .ints).map { $0.ints.map { Int($0) } }
  }

  mutating func floats(_ name: String) throws(Unsupported) -> [Float]? {
    try attribute(name, .floats)?.floats
  }

  mutating func tensor(_ name: String) throws(SwiftletError) -> Tensor? {
    guard let attribute = attributes[name] else { return nil }
    unread.remove(name)
    guard attribute.type == .tensor else {
      throw SwiftletError(
        .badOnnx, place: "node \"\(proto.name)\"", expected: "\(name) to be a tensor",
        found: "\(attribute.type)")
    }
    return try Tensor(attribute.t, place: "node \"\(proto.name)\", attribute \(name)")
  }

  /// Type of a tensor attribute.
  func tensorType(_ name: String) -> StoredType? {
    attributes[name].flatMap { StoredType(onnx: Int($0.t.dataType)) }
  }

  /// Height and width, or a width alone.
  mutating func extent(_ name: String) throws(Unsupported) -> Extent? {
    guard let values = try ints(name) else { return nil }
    switch values.count {
    case 1: return Extent(name == "output_padding" ? 0 : 1, values[0])
    case 2: return Extent(values[0], values[1])
    default: throw Unsupported("\(name) has \(values.count) axes; images have 1 or 2")
    }
  }

  mutating func padding() throws(Unsupported) -> Padding {
    guard let values = try ints("pads") else { return Padding() }
    switch values.count {
    case 2: return Padding(left: values[0], right: values[1])
    case 4: return Padding(top: values[0], left: values[1], bottom: values[2], right: values[3])
    default: throw Unsupported("pads has \(values.count) entries; images have 2 or 4")
    }
  }

  mutating func automaticPadding() throws(Unsupported) -> AutomaticPadding {
    let mode = try string("auto_pad", "NOTSET")
    switch mode {
    case "NOTSET", "": return .explicit
    case "SAME_UPPER": return .sameUpper
    case "SAME_LOWER": return .sameLower
    case "VALID": return .valid
    default: throw Unsupported("auto_pad \"\(mode)\" is not known")
    }
  }
}
