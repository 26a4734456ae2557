import SwiftletCore
import SwiftletGraph

/// Builds a graph from the message of an ONNX graph.
struct GraphBuilder {
  private let proto: Onnx_GraphProto
  private let opset: Int
  private let file: String
  private var graph: Graph
  private var elementTypes: [String: StoredType] = [:]
  private var issues: [String] = []

  init(_ proto: Onnx_GraphProto, opset: Int, name: String) {
    self.proto = proto
    self.opset = opset
    file = name
    graph = Graph(name: proto.name)
  }

  private func bad(_ place: String, _ expected: String, _ found: String) -> SwiftletError {
    SwiftletError(.badOnnx, place: "\(file): \(place)", expected: expected, found: found)
  }

  mutating func readConstants() throws(SwiftletError) {
    guard proto.sparseInitializer.isEmpty else {
      throw bad("graph", "dense weights", "sparse ones")
    }
    for tensor in proto.initializer {
      guard !tensor.name.isEmpty, graph.constants[tensor.name] == nil else {
        throw bad("weights \"\(tensor.name)\"", "a name of their own", "one used twice or empty")
      }
      graph.constants[tensor.name] = try Tensor(
        tensor, place: "\(file): weights \"\(tensor.name)\"")
      elementTypes[tensor.name] = StoredType(onnx: Int(tensor.dataType))
    }
  }

  /// Inputs that are not constants and that some node reads.
  mutating func readInputs(_ options: OnnxImporter.Options) throws(SwiftletError) {
    var read = Set(proto.node.flatMap(\.input))
    read.formUnion(proto.output.map(\.name))
    var seen: Set<String> = []
    for input in proto.input where graph.constants[input.name] == nil && read.contains(input.name) {
      let place = "input \"\(input.name)\""
      guard !input.name.isEmpty, seen.insert(input.name).inserted else {
        throw bad(place, "a name of its own", "one used twice or empty")
      }
      let tensor = input.type.tensorType
      guard input.type.value != nil, let type = StoredType(onnx: Int(tensor.elemType)) else {
        throw bad(place, "a tensor of numbers", "something else")
      }
      elementTypes[input.name] = type
      graph.inputs.append(
        GraphInput(name: input.name, shape: try shape(tensor.shape.dim, place, options)))
    }
  }

  private func shape(
    _ dimensions: [Onnx_TensorShapeProto.Dimension], _ place: String,
    _ options: OnnxImporter.Options
  ) throws(SwiftletError) -> [Int] {
    var shape: [Int] = []
    let isImage = dimensions.count == 4
    for (axis, dimension) in dimensions.enumerated() {
      var extent: Int?
      if case .dimValue(let value) = dimension.value, value > 0 || options.keepsBatch {
        extent = Int(value)
      }
      if axis == 0, extent == nil || isImage && !options.keepsBatch { extent = 1 }
      if isImage, let size = options.inputSize {
        if axis == 2 { extent = size.height }
        if axis == 3 { extent = size.width }
      }
      guard let extent else {
        throw bad(
          "\(place), axis \(axis)", "a fixed extent, or a size given by the caller (--size)",
          dimension.dimParam.isEmpty ? "none" : "\"\(dimension.dimParam)\"")
      }
      shape.append(extent)
    }
    do {
      try Shape.count(shape)
    } catch {
      throw bad(place, error.expected, error.found)
    }
    return shape
  }

  mutating func readNodes() throws(SwiftletError) {
    for index in try order() { try read(proto.node[index], number: index) }
    if !issues.isEmpty {
      throw SwiftletError(
        .unsupportedNodes, place: "\(file): \(issues.count) node\(issues.count == 1 ? "" : "s")",
        found: "\n  " + issues.joined(separator: "\n  "))
    }
  }

  /// The nodes' order of execution. Throws for values that nobody or two nodes make, and cycles.
  private func order() throws(SwiftletError) -> [Int] {
    var producer: [String: Int] = [:]
    let given = Set(graph.inputs.map(\.name)).union(graph.constants.keys)
    for (index, node) in proto.node.enumerated() {
      for output in node.output where !output.isEmpty {
        guard producer[output] == nil, !given.contains(output) else {
          throw bad("value \"\(output)\"", "one origin", "two")
        }
        producer[output] = index
      }
    }
    var waiting = [Int](repeating: 0, count: proto.node.count)
    var readers = [[Int]](repeating: [], count: proto.node.count)
    for (index, node) in proto.node.enumerated() {
      for input in node.input where !input.isEmpty && !given.contains(input) {
        guard let origin = producer[input] else {
          throw bad(
            "node \"\(label(node, index))\"", "an origin of its input \"\(input)\"", "none")
        }
        waiting[index] += 1
        readers[origin].append(index)
      }
    }
    if zip(proto.node.indices, proto.node).allSatisfy({ index, node in
      node.input.allSatisfy { ($0.isEmpty ? nil : producer[$0]) ?? -1 < index }
    }) {
      return Array(proto.node.indices)
    }
    var ready = proto.node.indices.filter { waiting[$0] == 0 }
    var position = 0
    while position < ready.count {
      for reader in readers[ready[position]] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
      position += 1
    }
    guard ready.count == proto.node.count else {
      throw bad("graph", "nodes without a cycle", "a cycle")
    }
    return ready
  }

  /// The node's name, or what it makes.
  private func label(_ node: Onnx_NodeProto, _ number: Int) -> String {
    if !node.name.isEmpty { return node.name }
    return node.output.first { !$0.isEmpty } ?? "#\(number)"
  }

  private mutating func read(_ node: Onnx_NodeProto, number: Int) throws(SwiftletError) {
    let name = label(node, number)
    func refuse(_ reason: String) -> String { "\"\(name)\" \(node.opType): \(reason)" }
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      issues.append(refuse("the operator domain \(node.domain) is not known"))
      return
    }
    guard let entry = SupportedOperators.byName[node.opType] else {
      issues.append(refuse("the operator is not supported"))
      return
    }
    guard entry.inputs.contains(node.input.count), entry.outputs.contains(node.output.count),
      node.input.prefix(entry.inputs.lowerBound).allSatisfy({ !$0.isEmpty }),
      node.output.first?.isEmpty == false
    else {
      issues.append(
        refuse(
          "it has \(node.input.count) inputs and \(node.output.count) outputs, expected "
            + "\(entry.inputs.lowerBound)...\(entry.inputs.upperBound) and "
            + "\(entry.outputs.lowerBound)...\(entry.outputs.upperBound)"))
      return
    }
    var reader = NodeReader(
      node, opset: opset, constants: graph.constants, elementTypes: elementTypes)
    do throws(TranslationError) {
      let translation = try entry.translate(&reader)
      guard reader.unreadNames.isEmpty else {
        issues.append(
          refuse("attribute \(reader.unreadNames.joined(separator: ", ")) is not known"))
        return
      }
      add(translation, node, name)
    } catch {
      switch error {
      case .unsupported(let unsupported): issues.append(refuse(unsupported.reason))
      case .file(let fault): throw fault
      }
    }
  }

  private mutating func add(_ translation: Translation, _ node: Onnx_NodeProto, _ name: String) {
    switch translation {
    case .constant(let tensor, let type):
      graph.constants[node.output[0]] = tensor
      elementTypes[node.output[0]] = type
    case .operation(let operation, let inputs):
      var names = inputs ?? node.input
      while names.last == "" { names.removeLast() }
      if case .cast = operation {
        let code = node.attribute.first { $0.name == "to" }?.i ?? 0
        elementTypes[node.output[0]] = StoredType(onnx: Int(code))
      }
      graph.nodes.append(
        Node(name: name, operation: operation, inputs: names, outputs: node.output))
    case .chain(let function):
      guard node.input.count > 1 else {
        graph.nodes.append(
          Node(
            name: name, operation: .activation(.none), inputs: node.input, outputs: node.output))
        return
      }
      var sum = node.input[0]
      for index in 1..<node.input.count {
        let isLast = index == node.input.count - 1
        let output = isLast ? node.output[0] : "\(node.output[0]).\(index)"
        graph.nodes.append(
          Node(
            name: isLast ? name : "\(name).\(index)", operation: .binary(function),
            inputs: [sum, node.input[index]], outputs: [output]))
        sum = output
      }
    }
  }

  mutating func finish() throws(SwiftletError) -> Graph {
    let made = Set(graph.nodes.flatMap(\.outputs)).union(graph.inputs.map(\.name))
      .union(graph.constants.keys)
    for output in proto.output {
      guard !output.name.isEmpty, made.contains(output.name),
        !graph.outputs.contains(output.name)
      else {
        throw bad("output \"\(output.name)\"", "one node that makes it", "none, or a repetition")
      }
      graph.outputs.append(output.name)
    }
    try graph.inferShapes()
    return graph
  }
}
