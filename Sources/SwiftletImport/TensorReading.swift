import Foundation
import SwiftletCore
import SwiftletGraph

/// Element types of ONNX that can be read, and how their elements are stored.
enum StoredType {
  case float32, float64, float16, bfloat16
  case integer(bits: Int, signed: Bool)
  case bool

  /// Nil: not read (strings, complex numbers, 8-bit floats).
  init?(onnx code: Int) {
    switch Onnx_TensorProto.DataType(rawValue: code) {
    case .float: self = .float32
    case .double: self = .float64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .int4: self = .integer(bits: 4, signed: true)
    case .uint4: self = .integer(bits: 4, signed: false)
    case .int8: self = .integer(bits: 8, signed: true)
    case .uint8: self = .integer(bits: 8, signed: false)
    case .int16: self = .integer(bits: 16, signed: true)
    case .uint16: self = .integer(bits: 16, signed: false)
    case .int32: self = .integer(bits: 32, signed: true)
    case .uint32: self = .integer(bits: 32, signed: false)
    case .int64: self = .integer(bits: 64, signed: true)
    case .uint64: self = .integer(bits: 64, signed: false)
    case .bool: self = .bool
    default: return nil
    }
  }

  var bits: Int {
    switch self {
    case .float32: 32
    case .float64: 64
    case .float16, .bfloat16: 16
    case .integer(let bits, _): bits
    case .bool: 8
    }
  }

  var elementType: ElementType {
    switch self {
    case .float32, .float64, .float16, .bfloat16: .float
    case .integer(let bits, let signed): .integer(bits: bits, signed: signed)
    case .bool: .bool
    }
  }
}

extension Tensor {
  /// Reads a tensor message. Throws for external data, for a type that is not read and for data
  /// that does not fill the shape.
  init(_ proto: Onnx_TensorProto, place: String) throws(SwiftletError) {
    guard proto.dataLocation == .default, proto.externalData.isEmpty else {
      throw SwiftletError(
        .externalData, place: place, expected: "data inside the file",
        found: proto.externalData.first { $0.key == "location" }?.value ?? "a reference")
    }
    func bad(_ expected: String, _ found: String) -> SwiftletError {
      SwiftletError(.badOnnx, place: place, expected: expected, found: found)
    }
    guard let type = StoredType(onnx: Int(proto.dataType)) else {
      throw bad("a numeric element type", "type \(proto.dataType)")
    }
    let shape = proto.dims.map { Int($0) }
    let count: Int
    do {
      count = try Shape.count(shape)
    } catch {
      throw bad(error.expected, error.found)
    }
    let data: TensorData
    if proto.hasRawData {
      let bytes = [UInt8](proto.rawData)
      guard bytes.count == (count * type.bits + 7) / 8 else {
        throw bad("\((count * type.bits + 7) / 8) bytes of data", "\(bytes.count)")
      }
      data = Self.elements(bytes, count: count, type)
    } else {
      guard let listed = Self.elements(proto, count: count, type) else {
        throw bad("\(count) elements of type \(proto.dataType)", "another number")
      }
      data = listed
    }
    self.init(shape: shape, data: data)
  }

  /// Little-endian elements; the caller has checked the number of bytes.
  private static func elements(_ bytes: [UInt8], count: Int, _ type: StoredType) -> TensorData {
    bytes.withUnsafeBytes { raw in
      func word(_ index: Int, _ size: Int) -> UInt64 {
        var value: UInt64 = 0
        for byte in 0..<size { value |= UInt64(raw[index * size + byte]) << UInt64(8 * byte) }
        return value
      }
      switch type {
      case .float32:
        return .float(
          (0..<count).map {
            Float(
              bitPattern: UInt32(
                littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
          })
      case .float64: return .float((0..<count).map { Float(Double(bitPattern: word($0, 8))) })
      case .float16: return .float((0..<count).map { float(half: UInt16(word($0, 2))) })
      case .bfloat16:
        return .float((0..<count).map { Float(bitPattern: UInt32(word($0, 2)) << 16) })
      case .bool: return .bool((0..<count).map { raw[$0] != 0 })
      case .integer(4, let signed):
        return .int64(
          (0..<count).map { integer(UInt64(raw[$0 / 2] >> ($0 % 2 == 0 ? 0 : 4)), 4, signed) })
      case .integer(let bits, let signed):
        return .int64((0..<count).map { integer(word($0, bits / 8), bits, signed) })
      }
    }
  }

  /// Elements from the typed lists; nil if their number is wrong.
  private static func elements(_ proto: Onnx_TensorProto, count: Int, _ type: StoredType)
    -> TensorData?
  {
    switch type {
    case .float32: return proto.floatData.count == count ? .float(proto.floatData) : nil
    case .float64:
      return proto.doubleData.count == count ? .float(proto.doubleData.map { Float($0) }) : nil
    case .integer(64, true): return proto.int64Data.count == count ? .int64(proto.int64Data) : nil
    case .integer(64, false), .integer(32, false):
      return proto.uint64Data.count == count
        ? .int64(proto.uint64Data.map { Int64(bitPattern: $0) }) : nil
    case .integer(4, let signed):
      guard proto.int32Data.count == (count + 1) / 2 else { return nil }
      return .int64(
        (0..<count).map {
          integer(
            UInt64(truncatingIfNeeded: proto.int32Data[$0 / 2] >> ($0 % 2 == 0 ? 0 : 4)), 4, signed)
        })
    default: break
    }
    guard proto.int32Data.count == count else { return nil }
    switch type {
    case .bool: return .bool(proto.int32Data.map { $0 != 0 })
    case .float16:
      return .float(proto.int32Data.map { float(half: UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16:
      return .float(proto.int32Data.map { Float(bitPattern: UInt32(bitPattern: $0) << 16) })
    case .integer(let bits, let signed):
      return .int64(
        proto.int32Data.map { integer(UInt64(truncatingIfNeeded: $0), bits, signed) })
    default: return nil
    }
  }

  /// The low `bits` of a word as a number.
  private static func integer(_ word: UInt64, _ bits: Int, _ signed: Bool) -> Int64 {
    let spare = 64 - bits
    return signed
      ? Int64(bitPattern: word << spare) >> spare : Int64(bitPattern: (word << spare) >> spare)
  }

  /// IEEE half precision to single: Float16 does not exist on every host.
  private static func float(half: UInt16) -> Float {
    let sign: Float = half >> 15 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 31)
    let fraction = Float(half & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction / 1024)
        * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
