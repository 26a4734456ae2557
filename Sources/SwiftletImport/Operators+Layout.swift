import SwiftletCore
import SwiftletGraph

// Operators that move elements, compute shapes or change the number format.

extension SupportedOperators {
  static let movement: [ImportedOperator] = [
    ImportedOperator("Concat", inputs: 1...1024) { reader throws(Unsupported) in
      guard let axis = try reader.optionalInt("axis") else { throw Unsupported("axis is missing") }
      return .concat(axis: axis)
    },
    ImportedOperator("Split", inputs: 1...2, outputs: 1...1024) { reader throws(Unsupported) in
      let sizes = try reader.ints("split")
      if let count = try reader.optionalInt("num_outputs"), count != reader.proto.output.count {
        throw Unsupported("num_outputs is \(count), but it has \(reader.proto.output.count)")
      }
      return .split(axis: try reader.int("axis", 0), sizes: sizes)
    },
    ImportedOperator("Slice", inputs: 1...5) { reader throws(Unsupported) in
      var attributes = SliceAttributes()
      if reader.opset < 10 {
        attributes.starts = try reader.ints("starts")
        attributes.ends = try reader.ints("ends")
        attributes.axes = try reader.ints("axes")
      }
      return .slice(attributes)
    },
    ImportedOperator("Pad", inputs: 1...4, limits: "mode constant") { reader throws(Unsupported) in
      let mode = try reader.string("mode", "constant")
      guard mode == "constant" else {
        throw Unsupported("mode \(mode) is not read; only constant is")
      }
      var attributes = PadAttributes()
      if reader.opset < 11 {
        guard let pads = try reader.ints("pads"), pads.count % 2 == 0 else {
          throw Unsupported("pads is missing or odd")
        }
        attributes.before = Array(pads[..<(pads.count / 2)])
        attributes.after = Array(pads[(pads.count / 2)...])
        attributes.value = try reader.float("value", 0)
      }
      return .pad(attributes)
    },
    ImportedOperator(
      "Resize", inputs: 1...4,
      limits: "opset 11 on; mode nearest or linear, no antialias, no tf_crop_and_resize"
    ) { reader throws(Unsupported) in try resize(&reader) },
  ]

  private static func resize(_ reader: inout NodeReader) throws(Unsupported) -> Operation {
    guard reader.opset >= 11 else { throw Unsupported("Resize is read from opset 11 on") }
    var attributes = ResizeAttributes()
    let mode = try reader.string("mode", "nearest")
    guard mode == "nearest" || mode == "linear" else {
      throw Unsupported("mode \(mode) is not read; nearest and linear are")
    }
    attributes.isLinear = mode == "linear"
    let coordinates = try reader.string("coordinate_transformation_mode", "half_pixel")
    guard let coordinateMode = CoordinateMode(rawValue: coordinates) else {
      throw Unsupported("coordinate_transformation_mode \(coordinates) is not read")
    }
    attributes.coordinates = coordinateMode
    let rounding = try reader.string("nearest_mode", "round_prefer_floor")
    guard let nearest = NearestMode(rawValue: rounding) else {
      throw Unsupported("nearest_mode \(rounding) is not known")
    }
    attributes.nearest = nearest
    let policy = try reader.string("keep_aspect_ratio_policy", "stretch")
    guard let keep = KeepAspectRatio(rawValue: policy) else {
      throw Unsupported("keep_aspect_ratio_policy \(policy) is not known")
    }
    attributes.keepAspectRatio = keep
    attributes.axes = try reader.ints("axes")
    guard try !reader.flag("antialias"), try !reader.flag("exclude_outside") else {
      throw Unsupported("antialias and exclude_outside are not read")
    }
    // Cubic and cropping only.
    reader.ignore("cubic_coeff_a", "extrapolation_value")
    return .resize(attributes)
  }

  static let layout: [ImportedOperator] = [
    ImportedOperator("Flatten", inputs: 1...1) { reader throws(Unsupported) in
      .flatten(axis: try reader.int("axis", 1))
    },
    ImportedOperator("Reshape", inputs: 2...2) { reader throws(Unsupported) in
      .reshape(shape: nil, allowsZero: try reader.flag("allowzero"))
    },
    ImportedOperator("Transpose", inputs: 1...1) { reader throws(Unsupported) in
      .transpose(permutation: try reader.ints("perm"))
    },
    ImportedOperator("Squeeze", inputs: 1...2) { reader throws(Unsupported) in
      .squeeze(axes: try reader.ints("axes"))
    },
    ImportedOperator("Unsqueeze", inputs: 1...2) { reader throws(Unsupported) in
      .unsqueeze(axes: try reader.ints("axes"))
    },
    ImportedOperator("Expand", inputs: 2...2) { _ throws(Unsupported) in .expand },
    ImportedOperator("Tile", inputs: 2...2) { _ throws(Unsupported) in .tile },
  ]

  static let shapeArithmetic: [ImportedOperator] = [
    ImportedOperator(
      general: "Constant", inputs: 0...0, limits: "numbers; no strings, no sparse tensors"
    ) { reader throws(TranslationError) in try constant(&reader) },
    ImportedOperator(
      general: "ConstantOfShape", inputs: 1...1
    ) { reader throws(TranslationError) in
      let value: Tensor?
      do throws(SwiftletError) { value = try reader.tensor("value") } catch { throw .file(error) }
      guard value?.count ?? 1 == 1 else {
        throw .unsupported(Unsupported("value does not have one element"))
      }
      return .operation(.constantOfShape(value ?? Tensor(shape: [1], floats: [0])))
    },
    ImportedOperator("Shape", inputs: 1...1) { reader throws(Unsupported) in
      .shape(start: try reader.int("start", 0), end: try reader.optionalInt("end"))
    },
    ImportedOperator("Size", inputs: 1...1) { _ throws(Unsupported) in .size },
    ImportedOperator("Gather", inputs: 2...2) { reader throws(Unsupported) in
      .gather(axis: try reader.int("axis", 0))
    },
    ImportedOperator("Range", inputs: 3...3) { _ throws(Unsupported) in .range },
    ImportedOperator("Cast", inputs: 1...1, limits: "numbers; every float becomes single") {
      reader throws(Unsupported) in
      reader.ignore("saturate")
      let code = try reader.int("to", 0)
      guard let type = StoredType(onnx: code) else {
        throw Unsupported("element type \(code) is not read")
      }
      return .cast(type.elementType)
    },
    ImportedOperator("Where", inputs: 3...3) { _ throws(Unsupported) in .where },
  ]

  private static func constant(_ reader: inout NodeReader) throws(TranslationError) -> Translation {
    let type = reader.tensorType("value")
    do throws(SwiftletError) {
      if let tensor = try reader.tensor("value") { return .constant(tensor, type) }
    } catch {
      throw .file(error)
    }
    var local = reader
    defer { reader = local }
    return try attempt { () throws(Unsupported) in
      if local.has("value_float") {
        return .constant(Tensor(shape: [], floats: [try local.float("value_float", 0)]), nil)
      }
      if let value = try local.optionalInt("value_int") {
        return .constant(Tensor(shape: [], integers: [Int64(value)]), nil)
      }
      if let values = try local.floats("value_floats") {
        return .constant(Tensor(shape: [values.count], floats: values), nil)
      }
      if let values = try local.ints("value_ints") {
        return .constant(Tensor(shape: [values.count], integers: values.map { Int64($0) }), nil)
      }
      throw Unsupported("it holds no tensor and no numbers")
    }
  }

  static let quantization: [ImportedOperator] = [
    ImportedOperator(
      "QuantizeLinear", inputs: 2...3, limits: "integers of 4, 8 and 16 bits; taken as float"
    ) { reader throws(Unsupported) in
      reader.ignore("saturate", "precision")
      var type = reader.hasInput(2) ? reader.elementTypes[reader.proto.input[2]] : nil
      let code = try reader.int("output_dtype", 0)
      if code != 0 {
        type = StoredType(onnx: code)
        guard type != nil else { throw Unsupported("element type \(code) is not read") }
      } else if reader.hasInput(2), type == nil {
        throw Unsupported("the type of its zero point is not an integer that is read")
      }
      guard case .integer(let bits, let signed) = type ?? .integer(bits: 8, signed: false),
        bits <= 16
      else { throw Unsupported("it does not quantise to integers of 4, 8 or 16 bits") }
      let axis = try reader.int("axis", 1)
      let blockSize = try reader.int("block_size", 0)
      let half = Int64(1) << Int64(bits - 1)
      return .quantizeLinear(
        axis: axis, blockSize: blockSize, minimum: signed ? -half : 0,
        maximum: signed ? half - 1 : 2 * half - 1)
    },
    ImportedOperator(
      "DequantizeLinear", inputs: 2...3, limits: "integers; folded or taken as float"
    ) { reader throws(Unsupported) in
      .dequantizeLinear(
        axis: try reader.int("axis", 1), blockSize: try reader.int("block_size", 0))
    },
  ]
}
