import SwiftletCore
import SwiftletOperators

/// How sure a classifier was in a session's last run, without a label: its margin.
///
/// The margin is the distance of the features before the last layer from the plane that divides
/// the two best classes, `(z1 - z2) / |w1 - w2|`, in steps of those features: what a linear layer's
/// answer stands away from another one (cf. Elsayed et al., Large Margin Deep Networks, NeurIPS
/// 2018, eq. 3, exact for a linear layer). It divides sure from unsure answers better than the
/// difference of two probabilities does (docs/pruning.md). Where the last layer is not a fully
/// connected one it is the difference of the two greatest values.
///
/// Plain arithmetic in a fixed order: identical on every machine. Allocates nothing.
public struct Confidence {
  private let logits: TensorView
  private let classes: Int
  private let layer: ClassWeights?

  /// For the classifier that `session` runs; nil if the network is none.
  public init?(_ session: borrowing Session) {
    let contents = session.contents
    guard contents.outputs.count == 1 else { return nil }
    var tensor = contents.outputs[0]
    // The values before a softmax are as good, and not squeezed against 1.
    if let op = contents.writer(of: tensor), op.code == .softmax { tensor = op.inputs.0 }
    let record = contents.tensors[tensor]
    guard record.height * record.width == 1, record.channels > 1, record.kind == .float32 else {
      return nil
    }
    logits = session.view(tensor)
    classes = record.channels
    layer = contents.writer(of: tensor).flatMap { ClassWeights($0, contents) }
  }

  /// The margin of the last run, 0 or more.
  public func margin(fourBits: Bool) -> Float {
    var (first, second) = (0, 1)
    if value(1) > value(0) { (first, second) = (1, 0) }
    for i in 2..<max(2, classes) {
      let v = value(i)
      if v > value(first) {
        (first, second) = (i, first)
      } else if v > value(second) {
        second = i
      }
    }
    let difference = value(first) - value(second)
    // Not a number, or infinite: never sure.
    guard difference.isFinite else { return 0 }
    guard let layer else { return difference }
    let distance = layer.distance(first, second, fourBits: fourBits)
    return distance > 0 ? difference / distance : difference
  }

  @inline(__always)
  private func value(_ i: Int) -> Float {
    (logits.base + i / 16 * logits.plane + i % 16 * 4).load(as: Float.self)
  }
}

/// The rows of a fully connected last layer, read from their codes.
struct ClassWeights {
  private let record: OperatorRecord
  private let contents: ModelContents

  init?(_ record: OperatorRecord, _ contents: ModelContents) {
    let x = contents.tensors[record.inputs.0]
    guard record.code == .convolution, record.epilogue == .float, x.height * x.width == 1,
      record.kernelHeight * record.kernelWidth == 1
    else { return nil }
    self.record = record
    self.contents = contents
  }

  /// |w1 - w2| in real values a step of the features.
  func distance(_ first: Int, _ second: Int, fourBits: Bool) -> Float {
    let coarse = record.weightFormat == .nested8 && fourBits
    let constants = coarse ? record.coarseConstants : record.constants
    // All sums are whole numbers: no order of additions can change them.
    var (one, two, both) = (0, 0, 0)
    for group in 0..<record.groups {
      for k in 0..<8 {
        let a = weight(first, group, k, coarse), b = weight(second, group, k, coarse)
        one += a * a
        two += b * b
        both += a * b
      }
    }
    let s = Double(contents.real(constants.scale, first))
    let t = Double(contents.real(constants.scale, second))
    let square = s * s * Double(one) - 2 * s * t * Double(both) + t * t * Double(two)
    return Float(max(0, square).squareRoot())
  }

  /// The weight of class `n` for input 8 * group + k (docs/format.md, "Weight layout").
  @inline(__always)
  private func weight(_ n: Int, _ group: Int, _ k: Int, _ coarse: Bool) -> Int {
    let (block, lane) = (n / 16, n % 16)
    if record.weightFormat == .int8 {
      let at = ((block * record.groups + group) * 2 + k / 4) * 64 + lane * 4 + k % 4
      return Int((contents.weights + record.weights + at).load(as: Int8.self))
    }
    let at = (block * record.groups + group) * 64 + lane * 4 + k % 4
    let high = k >= 4
    let c1 = code(contents.weights + record.weights + at, high)
    let v1 = entry(record.tables, n, c1)
    if record.weightFormat == .code4 || coarse { return v1 }
    let c2 = code(contents.refinement + record.refinement + at, high)
    return 2 * v1 + entry(record.fineTables, n, c2)
  }

  @inline(__always)
  private func code(_ p: UnsafeRawPointer, _ high: Bool) -> Int {
    let byte = Int(p.load(as: UInt8.self))
    return high ? byte >> 4 : byte & 15
  }

  @inline(__always)
  private func entry(_ table: Int, _ n: Int, _ code: Int) -> Int {
    Int((contents.parameters + table + n / 4 * 16 + code).load(as: Int8.self))
  }
}

extension ModelContents {
  /// The operator that makes a tensor; nil for the input.
  fileprivate func writer(of tensor: Int) -> OperatorRecord? {
    for op in operators where op.output == tensor { return op }
    return nil
  }

  fileprivate func real(_ offset: Int, _ index: Int) -> Float {
    parameters.load(fromByteOffset: offset + 4 * index, as: Float.self)
  }
}
