import Foundation

// Functions of one or two elements, with broadcasting.

enum Elementwise {
  static func run(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor) throws(Fault) -> Tensor {
    let shape = try Shape.broadcast(a.shape, b.shape)
    let plan = Broadcast(shape, a.shape, b.shape)
    switch (a.data, b.data) {
    case (.float(let x), .float(let y)):
      return Tensor(shape: shape, data: try floats(function, x, y, plan))
    case (.bool(let x), .bool(let y)):
      return Tensor(shape: shape, data: .bool(try truths(function, x, y, plan)))
    case (.int64(let x), .int64(let y)):
      return Tensor(shape: shape, data: try integers(function, x, y, plan))
    default:
      guard function == .power else {
        throw Fault(expected: "inputs of one element type", found: "two")
      }
      let result = plan.combine(a.asFloats, b.asFloats) { powf($0, $1) }
      if case .float = a.data { return Tensor(shape: shape, floats: result) }
      return Tensor(shape: shape, integers: result.map { Int64(clamping: $0) })
    }
  }

  private static func floats(
    _ function: BinaryFunction, _ x: [Float], _ y: [Float], _ plan: Broadcast
  ) throws(Fault) -> TensorData {
    switch function {
    case .add: .float(plan.combine(x, y) { $0 + $1 })
    case .subtract: .float(plan.combine(x, y) { $0 - $1 })
    case .multiply: .float(plan.combine(x, y) { $0 * $1 })
    case .divide: .float(plan.combine(x, y) { $0 / $1 })
    case .power: .float(plan.combine(x, y) { powf($0, $1) })
    case .minimum: .float(plan.combine(x, y) { $0.isNaN || $0 < $1 ? $0 : $1 })
    case .maximum: .float(plan.combine(x, y) { $0.isNaN || $0 > $1 ? $0 : $1 })
    case .modulo: .float(plan.combine(x, y) { $0 - $1 * ($0 / $1).rounded(.down) })
    case .equal: .bool(plan.combine(x, y) { $0 == $1 })
    case .less: .bool(plan.combine(x, y) { $0 < $1 })
    case .lessOrEqual: .bool(plan.combine(x, y) { $0 <= $1 })
    case .greater: .bool(plan.combine(x, y) { $0 > $1 })
    case .greaterOrEqual: .bool(plan.combine(x, y) { $0 >= $1 })
    case .and, .or, .xor: throw Fault(expected: "truth values", found: "floats")
    }
  }

  private static func integers(
    _ function: BinaryFunction, _ x: [Int64], _ y: [Int64], _ plan: Broadcast
  ) throws(Fault) -> TensorData {
    if function == .divide || function == .modulo, y.contains(0) {
      throw Fault(expected: "a divisor other than 0", found: "0")
    }
    return switch function {
    case .add: .int64(plan.combine(x, y) { $0 &+ $1 })
    case .subtract: .int64(plan.combine(x, y) { $0 &- $1 })
    case .multiply: .int64(plan.combine(x, y) { $0 &* $1 })
    case .divide: .int64(plan.combine(x, y) { $0.dividedReportingOverflow(by: $1).partialValue })
    case .power: .int64(plan.combine(x, y) { Int64(clamping: Float(pow(Double($0), Double($1)))) })
    case .minimum: .int64(plan.combine(x, y) { min($0, $1) })
    case .maximum: .int64(plan.combine(x, y) { max($0, $1) })
    case .modulo:
      // The sign of the divisor, as Python has it.
      .int64(
        plan.combine(x, y) {
          let rest = $0.remainderReportingOverflow(dividingBy: $1).partialValue
          return rest != 0 && (rest < 0) != ($1 < 0) ? rest &+ $1 : rest
        })
    case .equal: .bool(plan.combine(x, y) { $0 == $1 })
    case .less: .bool(plan.combine(x, y) { $0 < $1 })
    case .lessOrEqual: .bool(plan.combine(x, y) { $0 <= $1 })
    case .greater: .bool(plan.combine(x, y) { $0 > $1 })
    case .greaterOrEqual: .bool(plan.combine(x, y) { $0 >= $1 })
    case .and: .int64(plan.combine(x, y) { $0 & $1 })
    case .or: .int64(plan.combine(x, y) { $0 | $1 })
    case .xor: .int64(plan.combine(x, y) { $0 ^ $1 })
    }
  }

  private static func truths(
    _ function: BinaryFunction, _ x: [Bool], _ y: [Bool], _ plan: Broadcast
  ) throws(Fault) -> [Bool] {
    switch function {
    case .and: plan.combine(x, y) { $0 && $1 }
    case .or: plan.combine(x, y) { $0 || $1 }
    case .xor: plan.combine(x, y) { $0 != $1 }
    case .equal: plan.combine(x, y) { $0 == $1 }
    default: throw Fault(expected: "numbers", found: "truth values")
    }
  }

  /// Whether the result holds truth values.
  static func isComparison(_ function: BinaryFunction) -> Bool {
    switch function {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor: true
    default: false
    }
  }

  static func run(_ function: UnaryFunction, _ x: Tensor) throws(Fault) -> Tensor {
    switch x.data {
    case .float(let values):
      let result: [Float] =
        switch function {
        case .negate: values.map { -$0 }
        case .absolute: values.map { abs($0) }
        case .squareRoot: values.map { $0.squareRoot() }
        case .exponential: values.map { expf($0) }
        case .logarithm: values.map { logf($0) }
        case .reciprocal: values.map { 1 / $0 }
        case .floor: values.map { $0.rounded(.down) }
        case .ceil: values.map { $0.rounded(.up) }
        case .round: values.map { $0.rounded(.toNearestOrEven) }
        case .sign: values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        case .erf: values.map { erff($0) }
        case .not: throw Fault(expected: "truth values", found: "floats")
        }
      return Tensor(shape: x.shape, floats: result)
    case .int64(let values):
      switch function {
      case .negate: return Tensor(shape: x.shape, integers: values.map { 0 &- $0 })
      case .absolute: return Tensor(shape: x.shape, integers: values.map { $0 < 0 ? 0 &- $0 : $0 })
      case .sign: return Tensor(shape: x.shape, integers: values.map { $0.signum() })
      default: throw Fault(expected: "floats", found: "integers")
      }
    case .bool(let values):
      guard function == .not else { throw Fault(expected: "numbers", found: "truth values") }
      return Tensor(shape: x.shape, data: .bool(values.map { !$0 }))
    }
  }
}

/// How the elements of two tensors meet in a common shape.
struct Broadcast {
  let shape: [Int]
  let first: [Int]
  let second: [Int]
  let isPlain: Bool

  init(_ shape: [Int], _ a: [Int], _ b: [Int]) {
    isPlain = a == b
    self.shape = shape
    first = Shape.broadcastStrides(a, in: shape)
    second = Shape.broadcastStrides(b, in: shape)
  }

  @inline(__always)
  func combine<A, B, R>(_ x: [A], _ y: [B], _ function: (A, B) -> R) -> [R] {
    let count = shape.reduce(1, *)
    guard count > 0 else { return [] }
    return x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        Array(unsafeUninitializedCapacity: count) { result, initialized in
          // SAFETY: strides stay inside x and y because `shape` is their broadcast; each of the
          // `count` results is written once.
          if isPlain || shape.isEmpty {
            for index in 0..<count {
              (result.baseAddress! + index).initialize(to: function(x[index], y[index]))
            }
          } else {
            let rank = shape.count
            let inner = shape[rank - 1]
            let stepX = first[rank - 1]
            let stepY = second[rank - 1]
            var index = [Int](repeating: 0, count: rank)
            var baseX = 0
            var baseY = 0
            for start in stride(from: 0, to: count, by: inner) {
              for position in 0..<inner {
                (result.baseAddress! + start + position).initialize(
                  to: function(x[baseX + position * stepX], y[baseY + position * stepY]))
              }
              var axis = rank - 2
              while axis >= 0 {
                index[axis] += 1
                baseX += first[axis]
                baseY += second[axis]
                if index[axis] < shape[axis] { break }
                baseX -= first[axis] * shape[axis]
                baseY -= second[axis] * shape[axis]
                index[axis] = 0
                axis -= 1
              }
            }
          }
          initialized = count
        }
      }
    }
  }
}

extension Activation {
  /// The function, elementwise in place.
  func apply(to values: inout [Float]) {
    values.withUnsafeMutableBufferPointer { values in
      switch self {
      case .none: break
      case .relu: for i in values.indices { values[i] = values[i] < 0 ? 0 : values[i] }
      case .clip(let minimum, let maximum):
        for i in values.indices {
          let x = values[i] < minimum ? minimum : values[i]
          values[i] = x > maximum ? maximum : x
        }
      case .hardSwish:
        for i in values.indices {
          let x = values[i]
          values[i] = x * max(0, min(1, x * (1 / 6) + 0.5))
        }
      case .hardSigmoid(let alpha, let beta):
        for i in values.indices { values[i] = max(0, min(1, alpha * values[i] + beta)) }
      case .sigmoid: for i in values.indices { values[i] = 1 / (1 + expf(-values[i])) }
      case .silu: for i in values.indices { values[i] = values[i] / (1 + expf(-values[i])) }
      case .leakyRelu(let alpha):
        for i in values.indices { values[i] = values[i] < 0 ? alpha * values[i] : values[i] }
      case .tanh: for i in values.indices { values[i] = tanhf(values[i]) }
      case .gelu(let approximate):
        for i in values.indices {
          let x = values[i]
          let inner =
            approximate
            ? tanhf(0.7978845608 * (x + 0.044715 * x * x * x)) : erff(x * 0.7071067812)
          values[i] = 0.5 * x * (1 + inner)
        }
      }
    }
  }
}
