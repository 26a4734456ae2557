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

/// The rows of a fully connected last layer, read from their codes; the session keeps their memory.
struct ClassWeights {
  private let format: WeightFormat
  private let groups: Int
  private let weights: UnsafeRawPointer
  private let refinement: UnsafeRawPointer
  private let tables: UnsafeRawPointer
  private let fineTables: UnsafeRawPointer
  private let scale: UnsafeRawPointer
  private let coarseScale: UnsafeRawPointer

  init?(_ record: OperatorRecord, _ contents: ModelContents) {
    let x = contents.tensors[record.inputs.0]
    guard record.code == .convolution, record.epilogue == .float, x.height * x.width == 1,
      record.kernelHeight * record.kernelWidth == 1
    else { return nil }
    format = record.weightFormat
    groups = record.groups
    weights = contents.weights + record.weights
    refinement = contents.refinement + max(record.refinement, 0)
    tables = contents.parameters + max(record.tables, 0)
    fineTables = contents.parameters + max(record.fineTables, 0)
    scale = contents.parameters + record.constants.scale
    coarseScale = contents.parameters + max(record.coarseConstants.scale, 0)
  }

  /// |w1 - w2| in real values a step of the features.
  func distance(_ first: Int, _ second: Int, fourBits: Bool) -> Float {
    let isCoarse = format == .nested8 && fourBits
    let a = row(first, isCoarse)
    let b = row(second, isCoarse)
    // All sums are whole numbers: no order of additions can change them.
    var sums = (0, 0, 0)
    if format == .int8 {
      for at in 0..<groups * 2 {
        for k in 0..<4 { add(int8(a, at * 64 + k), int8(b, at * 64 + k), to: &sums) }
      }
    } else {
      for group in 0..<groups {
        for k in 0..<4 {
          let (p, q) = (code(a, group * 64 + k), code(b, group * 64 + k))
          add(p.low, q.low, to: &sums)
          add(p.high, q.high, to: &sums)
        }
      }
    }
    let constants = isCoarse ? coarseScale : scale
    let s = Double(constants.load(fromByteOffset: first * 4, as: Float.self))
    let t = Double(constants.load(fromByteOffset: second * 4, as: Float.self))
    let square = s * s * Double(sums.0) - 2 * s * t * Double(sums.2) + t * t * Double(sums.1)
    return Float(max(0, square).squareRoot())
  }

  /// Where the weights of one class begin.
  private struct Row {
    var codes: UnsafeRawPointer
    var table: UnsafeRawPointer
    /// Nil where the first plane stands alone.
    var fine: UnsafeRawPointer?
    var fineTable: UnsafeRawPointer
  }

  private func row(_ n: Int, _ isCoarse: Bool) -> Row {
    // docs/format.md, "Weight layout": blocks of 16 classes, four bytes of each in a group.
    let start = n / 16 * groups * (format == .int8 ? 128 : 64) + n % 16 * 4
    let table = n / 4 * 16
    return Row(
      codes: weights + start, table: tables + table,
      fine: format == .nested8 && !isCoarse ? refinement + start : nil,
      fineTable: fineTables + table)
  }

  @inline(__always)
  private func int8(_ row: Row, _ at: Int) -> Int {
    Int(row.codes.load(fromByteOffset: at, as: Int8.self))
  }

  @inline(__always)
  private func code(_ row: Row, _ at: Int) -> (low: Int, high: Int) {
    let byte = Int(row.codes.load(fromByteOffset: at, as: UInt8.self))
    let low = entry(row.table, byte & 15)
    let high = entry(row.table, byte >> 4)
    guard let fine = row.fine else { return (low, high) }
    let rest = Int(fine.load(fromByteOffset: at, as: UInt8.self))
    return (2 * low + entry(row.fineTable, rest & 15), 2 * high + entry(row.fineTable, rest >> 4))
  }

  @inline(__always)
  private func entry(_ table: UnsafeRawPointer, _ code: Int) -> Int {
    Int(table.load(fromByteOffset: code, as: Int8.self))
  }

  @inline(__always)
  private func add(_ a: Int, _ b: Int, to sums: inout (Int, Int, Int)) {
    sums.0 &+= a &* a
    sums.1 &+= b &* b
    sums.2 &+= a &* b
  }
}

extension ModelContents {
  /// The operator that makes a tensor; nil for the input.
  fileprivate func writer(of tensor: Int) -> OperatorRecord? {
    for op in operators where op.output == tensor { return op }
    return nil
  }
}
