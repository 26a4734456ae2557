import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// What the verifier says of gates.
@Suite struct GateVerifierTests {
  private func refusal(_ change: (inout QuantizedNetwork) -> Void) -> ErrorCode? {
    var network = TinyNetworks.gated()
    change(&network)
    do throws(SwiftletError) {
      _ = try ModelWriter.write(network)
      return nil
    } catch { return error.code }
  }

  /// Numbers of operators that `isIt` picks.
  private func find(_ isIt: (QuantizedOperator) -> Bool) -> [Int] {
    let operators = TinyNetworks.gated().operators
    return operators.indices.filter { isIt(operators[$0]) }
  }

  @Test func gatedNetwork_read_hasItsGates() throws {
    let network = TinyNetworks.gated()
    try withModel(network) { model in
      for (found, given) in zip(model.operators, network.operators) {
        #expect(found.inputGate == given.inputGate ?? -1)
        #expect(found.outputGate == given.outputGate ?? -1)
        #expect((found.table >= 0) == !given.gateMeans.isEmpty)
        guard found.table >= 0 else { continue }
        for (i, mean) in given.gateMeans.enumerated() {
          #expect(model.parameters.load(fromByteOffset: found.table + i, as: UInt8.self) == mean)
        }
      }
    }
  }

  @Test func oneWrongGate_isRefused() {
    let gates = find { $0.code == .gate }
    let first = TinyNetworks.gated().operators[gates[0]].output
    let second = TinyNetworks.gated().operators[gates[1]].output
    let writer = find { $0.outputGate == first }[0]
    let reader = find { $0.inputGate == first }[0]
    let depthwise = find { $0.code == .depthwiseConvolution }[0]
    let residual = find { $0.inputs.count == 2 && $0.outputGate != nil }[0]
    #expect(refusal { _ in } == nil)
    // A gate that does not exist, is no gate, comes later or has another number of blocks.
    #expect(refusal { $0.operators[writer].outputGate = 999 } == .networkInvalid)
    #expect(refusal { $0.operators[writer].outputGate = 1 } == .modelOrder)
    #expect(refusal { $0.operators.swapAt(gates[0], writer) } == .modelOrder)
    #expect(refusal { $0.operators[writer].outputGate = second } == .modelShape)
    // Reading under another gate, or none; writing without one.
    #expect(refusal { $0.operators[reader].inputGate = second } == .modelOrder)
    #expect(
      refusal {
        $0.operators[reader].inputGate = nil
        $0.operators[reader].gateMeans = []
      } == .modelOrder)
    #expect(refusal { $0.operators[writer].outputGate = nil } == .modelOrder)
    // A residual: of the layer itself, or under a gate.
    #expect(
      refusal {
        $0.operators[residual].inputs[1] = $0.operators[residual].output
      } == .modelOrder)
    #expect(
      refusal { network in
        let x = network.operators[residual].inputs[1]
        let maker = network.operators.firstIndex { $0.output == x }!
        network.operators[maker].outputGate = network.operators[residual].outputGate
      } == .modelOrder)
    // Depthwise: both gates and the same, no means.
    #expect(refusal { $0.operators[depthwise].outputGate = nil } == .modelOperator)
    #expect(
      refusal {
        $0.operators[depthwise].gateMeans = [UInt8](repeating: 1, count: 37)
      } == .modelOperator)
    #expect(refusal { $0.operators[reader].gateMeans.removeLast() } == .networkInvalid)
    // Means without an input gate.
    let plain = find { $0.code == .convolution && $0.inputGate == nil }[0]
    let depth = TinyNetworks.gated().tensors[TinyNetworks.gated().operators[plain].inputs[0]]
    #expect(
      refusal {
        $0.operators[plain].gateMeans = [UInt8](repeating: 1, count: depth.channels)
      } == .modelOperator)
    // The gate itself.
    #expect(refusal { $0.operators[gates[0]].record.a = .nan } == .modelConstant)
    #expect(refusal { $0.operators[gates[0]].record.a = .infinity } == .modelConstant)
    #expect(refusal { $0.tensors[first].scales = [0.5] } == .modelKind)
    #expect(refusal { $0.tensors[first].zeroPoints = [1] } == .modelKind)
    #expect(refusal { $0.tensors[first].height = 2 } == .modelShape)
  }

  /// The last layer with a float epilogue, put under the gate of the layer before it.
  @Test func floatEpilogue_underAGate_isRefused() {
    #expect(
      refusal { network in
        let last = network.operators.lastIndex { $0.record.epilogue == .float }!
        let maker = network.operators.firstIndex {
          $0.output == network.operators[last].inputs[0]
        }!
        // 20 channels, two blocks.
        network.operators[maker].outputGate =
          network.operators.first {
            $0.code == .gate && network.tensors[$0.output].channels == 2
          }!.output
        network.operators[last].inputGate = network.operators[maker].outputGate
      } == .modelOperator)
  }

  /// What a gate wrote, and what was written under one, read by an operator without gates.
  @Test func gateAndGatedTensor_readByOthers_areRefused() {
    let operators = TinyNetworks.gated().operators
    let gated = operators.filter { $0.outputGate != nil }
    let tensors = TinyNetworks.gated().tensors
    for x in operators.filter({ $0.code == .gate }).map(\.output)
      + gated.map(\.output).filter({ tensors[$0].kind == .uint8 })
    {
      let code = refusal { network in
        var floats = network.tensors[x]
        floats.kind = .float32
        network.tensors.append(floats)
        let number = network.tensors.count - 1
        network.operators.append(
          QuantizedOperator(code: .dequantize, name: "leak", inputs: [x], output: number))
        network.outputs.append(number)
      }
      #expect(code == .modelOrder)
    }
  }
}
