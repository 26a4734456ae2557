import SwiftletCore
import SwiftletKernels
import SwiftletOperators

/// The steps of a network, bound to one arena: made once, in a fraction of a millisecond.
struct Plan {
  /// Steps that have work, in order.
  private(set) var steps: [Step] = []
  /// For each step what it was prepared from, to change its bits.
  private var contexts: [PrepareContext] = []
  /// Where each tensor lies.
  private(set) var views: [TensorView] = []
  let arenaBytes: Int
  /// Scratch of one thread.
  private(set) var scratchBytes = 0

  private let memory: MemoryPlan
  /// What gates add to their thresholds.
  private let gateShift = GateShift()

  /// Lays out memory; `bind` then makes the steps.
  init(_ contents: ModelContents) {
    memory = MemoryPlan(
      tensors: contents.tensors, operators: contents.operators, input: contents.input,
      outputs: contents.outputs)
    arenaBytes = memory.bytes
  }

  /// Makes every step for an arena of `arenaBytes`, 64-aligned.
  mutating func bind(
    _ contents: ModelContents, arena: UnsafeMutableRawPointer, kernels: borrowing KernelSet
  ) {
    views = contents.tensors.indices.map { view(contents.tensors[$0], $0, arena) }
    var poolSize = 0
    for r in contents.operators {
      poolSize += poolBytes(
        r, input: contents.tensors[max(r.inputs.0, 0)], output: contents.tensors[r.output])
    }
    let pool = ConstantPool(capacity: poolSize)
    for (index, record) in contents.operators.enumerated() {
      let context = context(contents, index, record, kernels.storageXor, pool)
      let step = prepare(context)
      scratchBytes = max(scratchBytes, step.scratchBytes)
      if isInPlace(context) { continue }
      steps.append(step)
      contexts.append(context)
    }
  }

  /// Runs nested layers with both planes (8) or with the first alone (4).
  mutating func setBits(four: Bool) {
    for i in steps.indices { SwiftletOperators.setBits(&steps[i], from: contexts[i], four: four) }
  }

  /// Cuts every step's work for that many threads.
  mutating func setThreads(_ threads: Int) {
    for i in steps.indices { SwiftletOperators.setThreads(&steps[i], threads) }
  }

  /// What gates add to their thresholds; nil makes all channels live.
  func setGates(shift: Float?) {
    gateShift.value.storeBytes(of: shift ?? -.infinity, as: Float.self)
  }

  private func view(_ t: TensorRecord, _ i: Int, _ arena: UnsafeMutableRawPointer) -> TensorView {
    let p = memory.placements[i]
    return TensorView(
      base: arena + p.offset, plane: p.plane, line: p.line, pixel: p.pixel,
      blocks: t.kind == .pixels ? 1 : t.paddedChannels / 16, height: t.height, width: t.width,
      halo: p.halo)
  }

  private func context(
    _ contents: ModelContents, _ index: Int, _ record: OperatorRecord, _ storageXor: UInt8,
    _ pool: ConstantPool
  ) -> PrepareContext {
    let list = record.inputList
    func at(_ i: Int) -> Int { i < list.count ? list[i] : list[0] }
    let t = contents.tensors
    var context = PrepareContext(
      index: index, record: record, inputRecords: (t[at(0)], t[at(1)], t[at(2)], t[at(3)]),
      inputs: (views[at(0)], views[at(1)], views[at(2)], views[at(3)]), inputCount: list.count,
      outputRecord: t[record.output], output: views[record.output],
      parameters: contents.parameters, weights: contents.weights,
      refinement: contents.refinement, storageXor: storageXor, pool: pool)
    if record.code == .gate {
      context.gateShift = UnsafeRawPointer(gateShift.value)
      // Before the first run all channels are live.
      context.output.base.initializeMemory(
        as: UInt8.self, repeating: 1 ^ storageXor, count: context.outputRecord.channels)
    }
    if record.inputGate >= 0 { context.inputGate = UnsafeRawPointer(views[record.inputGate].base) }
    if record.outputGate >= 0 {
      context.outputGate = UnsafeRawPointer(views[record.outputGate].base)
    }
    return context
  }

  /// A concat whose inputs were all placed inside its output has nothing to do.
  private func isInPlace(_ c: PrepareContext) -> Bool {
    guard c.record.code == .concat else { return false }
    let inputs = [c.inputs.0, c.inputs.1, c.inputs.2, c.inputs.3]
    var block = 0
    for i in 0..<c.inputCount {
      if inputs[i].base != c.output.base + block * c.output.plane { return false }
      block += inputs[i].blocks
    }
    return true
  }
}

/// The Float that gate steps read, at one address for as long as a plan lives.
private final class GateShift {
  let value = UnsafeMutableRawPointer.allocate(byteCount: 4, alignment: 4)

  init() { value.storeBytes(of: -.infinity, as: Float.self) }

  deinit { value.deallocate() }
}
