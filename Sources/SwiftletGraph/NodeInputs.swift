/// The inputs of one node while shapes are inferred (values known only for constants) or while it
/// runs (everything known).
struct NodeInputs {
  /// Shape of each input; nil: absent, or not known.
  var shapes: [[Int]?]
  /// Value of each input; nil: absent, or not known.
  var values: [Tensor?]
  /// The input is there, known or not.
  var isPresent: [Bool]

  var count: Int { isPresent.count }

  func has(_ index: Int) -> Bool { index < count && isPresent[index] }

  /// Shape of an input that must be there; nil: not known.
  func shape(_ index: Int) throws(Fault) -> [Int]? {
    guard has(index) else { throw Fault(expected: "an input \(index)", found: "none") }
    return shapes[index]
  }

  /// Value of an input if there and known.
  func value(_ index: Int) -> Tensor? { index < count ? values[index] : nil }

  /// Value of an input that must be there and known.
  func require(_ index: Int) throws(Fault) -> Tensor {
    guard let value = value(index) else {
      throw Fault(expected: "an input \(index)", found: "none")
    }
    return value
  }

  /// A list of integers: an attribute, or else an input.
  enum Parameter {
    case absent
    case unknown
    case known([Int])

    var list: [Int]? {
      if case .known(let list) = self { list } else { nil }
    }
    var isUnknown: Bool {
      if case .unknown = self { true } else { false }
    }
  }

  func parameter(_ attribute: [Int]?, _ index: Int) throws(Fault) -> Parameter {
    if let attribute { return .known(attribute) }
    guard has(index) else { return .absent }
    guard let value = values[index] else { return .unknown }
    guard let integers = value.integers, integers.count <= 1 << 16 else {
      throw Fault(expected: "a list of integers as input \(index)", found: "\(value.shape)")
    }
    return .known(integers.map { Int($0) })
  }

  /// A list that must be there; nil: not known.
  func required(_ attribute: [Int]?, _ index: Int) throws(Fault) -> [Int]? {
    let parameter = try parameter(attribute, index)
    if case .absent = parameter {
      throw Fault(expected: "an input \(index)", found: "none")
    }
    return parameter.list
  }
}

extension SliceAttributes {
  /// The indices that remain of each axis; nil: not known yet.
  func indices(_ inputs: NodeInputs) throws(Fault) -> [[Int]]? {
    guard let shape = try inputs.shape(0),
      let starts = try inputs.required(starts, 1), let ends = try inputs.required(ends, 2)
    else { return nil }
    let axes = try inputs.parameter(axes, 3)
    let steps = try inputs.parameter(steps, 4)
    guard !axes.isUnknown, !steps.isUnknown else { return nil }
    try Shape.count(shape)
    return try Slicing.indices(
      shape, starts: starts, ends: ends, axes: axes.list, steps: steps.list)
  }
}

extension PadAttributes {
  /// Amounts for each axis; nil: not known yet.
  func amounts(_ inputs: NodeInputs) throws(Fault) -> (before: [Int], after: [Int])? {
    guard let shape = try inputs.shape(0) else { return nil }
    if let before, let after { return (before, after) }
    guard let pads = try inputs.required(nil, 1) else { return nil }
    let given = try inputs.parameter(nil, 3)
    guard !given.isUnknown else { return nil }
    let axes = try Shape.axes(given.list ?? Array(shape.indices), rank: shape.count)
    guard pads.count == 2 * axes.count else {
      throw Fault(expected: "\(2 * axes.count) pads", found: "\(pads.count)")
    }
    var before = [Int](repeating: 0, count: shape.count)
    var after = before
    for (index, axis) in axes.enumerated() {
      before[axis] = pads[index]
      after[axis] = pads[axes.count + index]
    }
    return (before, after)
  }
}

extension ResizeAttributes {
  /// The plan for each axis; nil: not known yet.
  func plan(_ inputs: NodeInputs) throws(Fault) -> [Resizing.Axis]? {
    guard let shape = try inputs.shape(0) else { return nil }
    if scales != nil || sizes != nil {
      return try Resizing.plan(shape, self, scales: scales, sizes: sizes)
    }
    if inputs.has(3) {
      guard let sizes = try inputs.required(nil, 3) else { return nil }
      return try Resizing.plan(shape, self, scales: nil, sizes: sizes)
    }
    guard inputs.has(2) else { throw Fault(expected: "scales or sizes", found: "neither") }
    guard let value = inputs.value(2) else { return nil }
    return try Resizing.plan(
      shape, self, scales: try value.requireFloats("scales"), sizes: nil)
  }
}
