import SwiftletCore

/// What rewriting did to a graph.
public struct RewriteReport: Sendable {
  public struct Pass: Sendable {
    public var name: String
    /// Places it changed.
    public var changes: Int
    /// Nodes behind it.
    public var nodes: Int
  }
  public var nodesBefore = 0
  public var nodesAfter = 0
  public var passes: [Pass] = []
  /// Number of nodes of each operator.
  public var operatorsBefore: [String: Int] = [:]
  public var operatorsAfter: [String: Int] = [:]
  /// Layout operators cut off behind the last images: running them on the graph's outputs gives
  /// `originalOutputs`.
  public var cut: [Node] = []
  public var originalOutputs: [String] = []
  /// Constants that `cut` reads.
  public var cutConstants: [String: Tensor] = [:]

  /// The rewritten graph with what was cut off put back.
  public func restoringCut(_ graph: Graph) -> Graph {
    var graph = graph
    graph.nodes += cut
    graph.outputs = originalOutputs
    graph.constants.merge(cutConstants) { own, _ in own }
    return graph
  }
}

/// One rewrite of a graph that keeps its outputs.
protocol RewritePass {
  static var name: String { get }
  /// Applies itself wherever it fits and returns at how many places.
  static func apply(to graph: inout Graph) throws(SwiftletError) -> Int
}

extension Graph {
  /// Brings the graph to the form that the quantiser reads: parameters known, batch
  /// normalisation folded, activations and residuals fused, no layout change that can be avoided.
  ///
  /// Outputs may become the last images before trailing layout operators; the report says so.
  public mutating func rewrite() throws(SwiftletError) -> RewriteReport {
    let passes: [any RewritePass.Type] = [
      ConstantFolding.self, ParameterFolding.self, QuantizationRemoval.self, IdentityRemoval.self,
      Canonicalization.self, ActivationRecognition.self, BatchNormalizationFolding.self,
      PaddingFusion.self, FocusFusion.self, DenseToConvolution.self, IdentityRemoval.self,
      ActivationFusion.self, ResidualFusion.self, AffineToConvolution.self, GateRecognition.self,
      DeadChannelRemoval.self, TrailingLayoutCut.self, DeadCodeRemoval.self,
      SqueezeExciteRecognition.self,
    ]
    var report = RewriteReport()
    report.nodesBefore = nodes.count
    report.operatorsBefore = operatorCounts
    report.originalOutputs = outputs
    try inferShapes()
    for pass in passes {
      let changes: Int
      if pass == TrailingLayoutCut.self {
        let cut = TrailingLayoutCut.cut(&self)
        report.cut = cut
        changes = cut.count
        for name in cut.flatMap(\.inputs) {
          if let constant = constants[name] { report.cutConstants[name] = constant }
        }
      } else {
        changes = try pass.apply(to: &self)
      }
      if changes > 0 { try inferShapes() }
      report.passes.append(
        RewriteReport.Pass(name: pass.name, changes: changes, nodes: nodes.count))
    }
    report.nodesAfter = nodes.count
    report.operatorsAfter = operatorCounts
    return report
  }

  /// Number of nodes of each operator, by ONNX name.
  public var operatorCounts: [String: Int] {
    nodes.reduce(into: [:]) { $0[$1.operation.name, default: 0] += 1 }
  }
}

/// Who makes and who reads each value.
struct Links {
  let producer: [String: Int]
  let readers: [String: [Int]]
  let outputs: Set<String>

  init(_ graph: Graph) {
    var producer: [String: Int] = [:]
    var readers: [String: [Int]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty { producer[output] = index }
      for input in node.inputs where !input.isEmpty { readers[input, default: []].append(index) }
    }
    self.producer = producer
    self.readers = readers
    outputs = Set(graph.outputs)
  }

  /// The one node that reads a value once, if the value is no output of the graph.
  func soleReader(of value: String) -> Int? {
    guard let readers = readers[value], readers.count == 1, !outputs.contains(value) else {
      return nil
    }
    return readers[0]
  }
}

extension Graph {
  /// Calls `step` with fresh links until it changes nothing; returns the number of changes.
  mutating func repeatedly(
    _ step: (inout Graph, Links) throws(SwiftletError) -> Bool
  ) throws(SwiftletError) -> Int {
    var changes = 0
    while try step(&self, Links(self)) { changes += 1 }
    return changes
  }

  /// Reads `new` wherever `old` was read.
  mutating func replaceReads(of old: String, by new: String) {
    for index in nodes.indices {
      for input in nodes[index].inputs.indices where nodes[index].inputs[input] == old {
        nodes[index].inputs[input] = new
      }
    }
  }

  /// Removes a node whose first output equals `value`; false if names of outputs forbid it.
  mutating func bypass(_ index: Int, with value: String, _ links: Links) -> Bool {
    let output = nodes[index].outputs[0]
    if !links.outputs.contains(output) {
      nodes.remove(at: index)
      replaceReads(of: output, by: value)
      return true
    }
    guard let origin = links.producer[value], !links.outputs.contains(value) else { return false }
    nodes.remove(at: index)
    replaceReads(of: value, by: output)
    let place = origin < index ? origin : origin - 1
    for slot in nodes[place].outputs.indices where nodes[place].outputs[slot] == value {
      nodes[place].outputs[slot] = output
    }
    shapes[output] = shapes[value]
    return true
  }

  /// Adds a constant under a name that nothing else has.
  mutating func addConstant(_ tensor: Tensor, like name: String) -> String {
    var candidate = name
    var number = 1
    while constants[candidate] != nil || shapes[candidate] != nil {
      candidate = "\(name).\(number)"
      number += 1
    }
    constants[candidate] = tensor
    shapes[candidate] = tensor.shape
    return candidate
  }

  /// The floats of a constant.
  func constantFloats(_ name: String) -> [Float]? { constants[name]?.floats }

  /// The value of a constant with one element.
  func constantScalar(_ name: String) -> Float? {
    guard let tensor = constants[name], tensor.count == 1 else { return nil }
    return tensor.asFloats[0]
  }
}
