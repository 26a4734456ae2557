import SwiftletCore

/// Plain weights back from a model file: for tests, listings and comparisons, never for a run.
public enum ModelUnpacker {
  /// Integer weights [N][C][kernelHeight][kernelWidth] (depthwise: [C][1][kh][kw]) of operator
  /// `index`; empty if it has none.
  /// - Parameter coarse: nested8 with its first plane alone.
  public static func weights(
    of contents: ModelContents, operator index: Int, coarse: Bool = false
  ) -> [Int8] {
    let op = contents.operators[index]
    let channels = contents.tensors[op.output].channels
    let inputs = contents.tensors[op.inputs.0].channels
    let taps = op.kernelHeight * op.kernelWidth
    var result: [Int8] = []
    guard op.weightFormat != .none else { return result }
    for n in 0..<channels {
      if op.code == .depthwiseConvolution {
        for tap in 0..<taps {
          let offset = op.weights + (n / 16 * taps + tap) * 16 + n % 16
          result.append(contents.weights.load(fromByteOffset: offset, as: Int8.self))
        }
        continue
      }
      for c in 0..<inputs {
        for tap in 0..<taps {
          let k = position(op, channel: c, inputs: inputs, tap: tap)
          result.append(weight(contents, op, n: n, k: k, coarse: coarse))
        }
      }
    }
    return result
  }

  /// k of one input channel and tap, counted over all groups; the reverse of `KernelOrder`,
  /// written from the format's text rather than from it.
  private static func position(
    _ op: OperatorRecord, channel c: Int, inputs: Int, tap: Int
  ) -> Int {
    if op.code == .pixelConvolution {
      let y = tap / op.kernelWidth
      let x = tap % op.kernelWidth
      let pairs = (op.kernelWidth + 1) / 2
      return (y * pairs + x / 2) * 8 + x % 2 * 4 + c
    }
    let block = c / 16
    // Groups of each tap in the block: 1 if this is the last block and has at most 8 channels.
    let halves = inputs - 16 * block > 8 ? 2 : 1
    let before = block * 2 * op.kernelHeight * op.kernelWidth
    return (before + tap * halves + c % 16 / 8) * 8 + c % 8
  }

  private static func weight(
    _ contents: ModelContents, _ op: OperatorRecord, n: Int, k: Int, coarse: Bool
  ) -> Int8 {
    let group = n / 16 * op.groups + k / 8
    if op.weightFormat == .int8 {
      let offset = op.weights + (group * 2 + k % 8 / 4) * 64 + n % 16 * 4 + k % 4
      return contents.weights.load(fromByteOffset: offset, as: Int8.self)
    }
    func value(_ plane: UnsafeRawPointer, _ tables: Int) -> Int8 {
      let byte = plane.load(fromByteOffset: group * 64 + n % 16 * 4 + k % 4, as: UInt8.self)
      let code = k % 8 < 4 ? byte & 15 : byte >> 4
      return contents.parameters.load(
        fromByteOffset: tables + n / 4 * 16 + Int(code), as: Int8.self)
    }
    let first = value(contents.weights + op.weights, op.tables)
    if op.weightFormat == .code4 || coarse { return first }
    return 2 * first + value(contents.refinement + op.refinement, op.fineTables)
  }
}
