import SwiftletCore

/// Reads everything that kernels would read of an accepted model: a sanitizer sees what lies
/// outside, and the sum keeps the reads alive. The sizes are computed here anew.
public enum ModelReach {
  public static func sum(_ model: ModelContents) -> UInt64 {
    var total: UInt64 = 0
    func add(_ base: UnsafeRawPointer, _ offset: Int, _ size: Int) {
      guard size > 0 else { return }
      total &+= UInt64((base + offset).load(as: UInt8.self))
      for at in stride(from: offset, to: offset + size, by: 16) {
        total &+= UInt64(base.load(fromByteOffset: at, as: UInt8.self))
      }
      total &+= UInt64(base.load(fromByteOffset: offset + size - 1, as: UInt8.self))
    }
    func block(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
    for tensor in model.tensors {
      let channels = block(tensor.channels)
      if tensor.zeroPoints >= 0 { add(model.parameters, tensor.zeroPoints, channels) }
      if tensor.scales >= 0 { add(model.parameters, tensor.scales, 4 * channels) }
      total &+= UInt64(model.string(at: tensor.name).utf8.count)
    }
    for op in model.operators {
      let channels = block(model.tensors[op.output].channels)
      let taps = op.kernelHeight * op.kernelWidth
      switch op.weightFormat {
      case .none: break
      case .int8:
        let terms = op.code == .depthwiseConvolution ? taps : 8 * op.groups
        add(model.weights, op.weights, channels * terms)
      case .code4, .nested8:
        add(model.weights, op.weights, channels * op.groups * 4)
        add(model.parameters, op.tables, channels * 4)
      }
      if op.weightFormat == .nested8 {
        add(model.refinement, op.refinement, channels * op.groups * 4)
        add(model.parameters, op.fineTables, channels * 4)
      }
      for set in [op.constants, op.coarseConstants] where set.scale >= 0 {
        add(model.parameters, set.scale, 4 * channels)
        add(model.parameters, set.biasU8, 4 * channels)
        if op.code != .depthwiseConvolution { add(model.parameters, set.biasS8, 4 * channels) }
      }
      if op.epilogue == .hardSwish {
        add(model.parameters, op.outScale, 4 * channels)
        add(model.parameters, op.outZero, 4 * channels)
      }
      if op.code == .lookup { add(model.parameters, op.table, 256) }
      if op.code == .convolution && op.table >= 0 {
        add(model.parameters, op.table, block(model.tensors[op.inputs.0].channels))
      }
      if op.code == .prelu { add(model.parameters, op.table, 4 * channels) }
    }
    for i in 0..<model.labelCount { total &+= UInt64(model.label(i).utf8.count) }
    total &+= UInt64(model.name.utf8.count + model.record.utf8.count)
    return total
  }
}
