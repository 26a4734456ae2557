// Gates: which blocks of 16 channels a layer reads and computes at run time.
//
// A block that is left out is never written, so nothing may read it: a tensor written under a gate
// is read under the same gate alone. The bounds of sums hold for every choice of live blocks,
// since a channel that is left out counts as a constant q in 0...255.

extension ModelCheck {
  mutating func gates(_ op: OperatorRecord, _ i: Int) throws(SwiftletError) {
    for slot in 0..<op.inputCount {
      let x = op.input(slot)
      // What a gate wrote is no input.
      guard state[x] & Self.gate == 0, gates[x] == (slot == 0 ? op.inputGate : -1) else {
        throw refuse(
          .modelOrder, operator: i,
          expected: "each input under the gate that it was written under, gates as gates only",
          found: "tensor \(x)")
      }
    }
    try gate(op.inputGate, of: op.inputs.0, i)
    try gate(op.outputGate, of: op.output, i)
    gates[op.output] = op.outputGate
    if op.code == .gate { state[op.output] |= Self.gate }
    let isGated = op.inputGate >= 0 || op.outputGate >= 0
    guard !isGated || op.epilogue != .float,
      op.code != .depthwiseConvolution || op.inputGate == op.outputGate
    else {
      throw refuse(
        .modelOperator, operator: i,
        expected: "no gate of a float epilogue, one gate for both sides of a depthwise layer")
    }
  }

  /// Tensor `number`, if any, to be a gate made before, with one value for each block of `tensor`.
  @inline(never)
  private mutating func gate(
    _ number: Int, of tensor: Int, _ i: Int
  ) throws(SwiftletError) {
    if number == -1 { return }
    let isGate = number < state.count && state[number] & Self.gate != 0
    guard isGate,
      contents.tensors[number].channels == contents.tensors[tensor].paddedChannels / 16
    else {
      throw refuse(
        isGate ? .modelShape : .modelOrder, operator: i,
        expected: "gates that earlier operators made, with a value for each block of 16 channels",
        found: "tensor \(number)")
    }
    state[number] |= Self.read
  }
}
