import SwiftletCore
import SwiftletKernels

/// What an operator is prepared from: its record, its tensors and where they lie.
public struct PrepareContext {
  public var index: Int
  public var record: OperatorRecord
  /// Records and views of up to four inputs; absent ones repeat the first.
  public var inputRecords: (TensorRecord, TensorRecord, TensorRecord, TensorRecord)
  public var inputs: (TensorView, TensorView, TensorView, TensorView)
  public var inputCount: Int
  public var outputRecord: TensorRecord
  public var output: TensorView
  /// First bytes of the parameter, weight and refinement sections.
  public var parameters: UnsafeRawPointer
  public var weights: UnsafeRawPointer
  public var refinement: UnsafeRawPointer
  public var storageXor: UInt8
  /// Small tables that the plan keeps for as long as it lives.
  public var pool: ConstantPool

  /// Where the gates of the layer keep what is live; nil without one.
  public var inputGate: UnsafeRawPointer?
  public var outputGate: UnsafeRawPointer?
  /// gate: where the session keeps its shift, a Float.
  public var gateShift: UnsafeRawPointer?

  /// Memberwise, without gates.
  public init(
    index: Int, record: OperatorRecord,
    inputRecords: (TensorRecord, TensorRecord, TensorRecord, TensorRecord),
    inputs: (TensorView, TensorView, TensorView, TensorView), inputCount: Int,
    outputRecord: TensorRecord, output: TensorView, parameters: UnsafeRawPointer,
    weights: UnsafeRawPointer, refinement: UnsafeRawPointer, storageXor: UInt8,
    pool: ConstantPool
  ) {
    self.index = index
    self.record = record
    self.inputRecords = inputRecords
    self.inputs = inputs
    self.inputCount = inputCount
    self.outputRecord = outputRecord
    self.output = output
    self.parameters = parameters
    self.weights = weights
    self.refinement = refinement
    self.storageXor = storageXor
    self.pool = pool
  }

  /// The address of a parameter, or of the section's start where the record has none.
  func parameter(_ offset: Int) -> UnsafeRawPointer { parameters + max(offset, 0) }

  /// A step around this operator's work.
  func step(_ work: Work) -> Step {
    var step = Step(
      index: index, code: record.code, work: work, input: inputs.0, output: output,
      haloByte: UInt8(truncatingIfNeeded: outputRecord.zeroPoint) ^ storageXor)
    step.secondView = inputs.1
    return step
  }

  /// Constants and residual of a convolution's epilogue at full precision or for its first
  /// plane alone.
  func epilogue(coarse: Bool) -> Epilogue {
    let constants = coarse ? record.coarseConstants : record.constants
    let residual = record.epilogue == .residual ? inputs.1 : output
    return Epilogue(
      kind: Int(record.epilogue.rawValue), scale: parameter(constants.scale),
      biasU8: parameter(constants.biasU8), biasS8: parameter(constants.biasS8),
      outScale: parameter(record.outScale), outZero: parameter(record.outZero),
      residual: UnsafeRawPointer(residual.base), residualPlane: residual.plane,
      residualLine: residual.line, residualScale: record.a)
  }
}

/// Memory for a plan's small tables: offsets of taps, stored lookup tables, zero points.
/// One block, sized in advance, freed with the plan.
public final class ConstantPool {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0

  /// Room for `capacity` bytes, 64-aligned.
  public init(capacity: Int) {
    self.capacity = capacity
    base = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 64), alignment: 64)
  }

  deinit { base.deallocate() }

  /// The next `count` bytes, 64-aligned.
  func take(_ count: Int) -> UnsafeMutableRawPointer {
    precondition(used + count <= capacity, "the plan counted its tables wrongly")
    let at = base + used
    used += ConstantPool.rounded(count)
    return at
  }

  /// A size as the pool takes it.
  public static func rounded(_ count: Int) -> Int { (count + 63) & ~63 }
}
