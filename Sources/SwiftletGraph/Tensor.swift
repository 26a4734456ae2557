/// The elements of a tensor, row-major. Integers of every width are held as Int64, half and
/// double precision as Float.
public enum TensorData: Sendable, Equatable {
  case float([Float])
  case int64([Int64])
  case bool([Bool])

  /// Number of elements.
  public var count: Int {
    switch self {
    case .float(let values): values.count
    case .int64(let values): values.count
    case .bool(let values): values.count
    }
  }
}

/// A dense row-major tensor; images are NCHW.
public struct Tensor: Sendable, Equatable {
  /// Extent of each axis; empty for a scalar.
  public var shape: [Int]
  public var data: TensorData

  /// A tensor of floats; the caller guarantees that the shape holds `floats.count` elements.
  public init(shape: [Int], floats: [Float]) {
    precondition(shape.reduce(1, *) == floats.count, "the shape does not hold the elements")
    self.shape = shape
    self.data = .float(floats)
  }

  /// A tensor of integers; the caller guarantees that the shape holds `integers.count` elements.
  public init(shape: [Int], integers: [Int64]) {
    precondition(shape.reduce(1, *) == integers.count, "the shape does not hold the elements")
    self.shape = shape
    self.data = .int64(integers)
  }

  /// A tensor of any kind; the caller guarantees that the shape holds `data.count` elements.
  public init(shape: [Int], data: TensorData) {
    precondition(shape.reduce(1, *) == data.count, "the shape does not hold the elements")
    self.shape = shape
    self.data = data
  }

  /// Number of elements.
  public var count: Int { data.count }
  /// Number of axes.
  public var rank: Int { shape.count }

  /// The elements if they are floats.
  public var floats: [Float]? {
    if case .float(let values) = data { values } else { nil }
  }

  /// The elements as integers if they are integers or truth values.
  public var integers: [Int64]? {
    switch data {
    case .int64(let values): values
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .float: nil
    }
  }

  /// The elements as floats, whatever they are.
  public var asFloats: [Float] {
    switch data {
    case .float(let values): values
    case .int64(let values): values.map { Float($0) }
    case .bool(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// The same elements under another shape of the same count.
  public func reshaped(to shape: [Int]) -> Tensor { Tensor(shape: shape, data: data) }
}
