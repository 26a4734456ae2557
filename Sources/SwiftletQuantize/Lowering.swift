import SwiftletCore
import SwiftletGraph

/// Rewritten graph to `FloatPlan`: chooses the runtime's operator for each node.
///
/// Everything that has none is collected and reported in one error.
package struct Lowering {
  let graph: Graph
  let mean: [Float]
  let deviation: [Float]
  var plan: FloatPlan
  /// Value name -> tensor and how its elements are seen.
  var values: [String: Int] = [:]
  /// Gated tensor -> the gate that it is written under.
  var gates: [Int: Int] = [:]
  var complaints: [String] = []
  var uses: [String: Int] = [:]

  /// - Parameters:
  ///   - mean: subtracted from pixels (0...255), one for each channel of the input.
  ///   - deviation: divides them.
  package static func lower(
    _ graph: Graph, mean: [Float], deviation: [Float]
  ) throws(SwiftletError) -> FloatPlan {
    var lowering = try Lowering(graph, mean: mean, deviation: deviation)
    for node in graph.nodes where lowering.tail[node.name] == nil { lowering.lower(node) }
    return try lowering.finished()
  }

  /// Nodes behind the last computation that only arrange outputs.
  private var tail: [String: Bool] = [:]
  private var outputNames: [String] = []

  private init(_ graph: Graph, mean: [Float], deviation: [Float]) throws(SwiftletError) {
    self.graph = graph
    plan = FloatPlan(name: graph.name)
    let free = graph.inputs.filter { graph.constants[$0.name] == nil }
    guard free.count == 1, let input = free.first else {
      throw SwiftletError(
        .notQuantizable, place: graph.name, expected: "one input, an image",
        found: "\(free.count) inputs")
    }
    let shape = input.shape
    guard shape.count == 4, shape[0] == 1, (1...4).contains(shape[1]), shape[2] > 0, shape[3] > 0
    else {
      throw SwiftletError(
        .notQuantizable, place: "input \(input.name)",
        expected: "shape 1 x C x H x W with 1 to 4 channels",
        found: shape.map { "\($0)" }.joined(separator: " x "))
    }
    let channels = shape[1]
    func fit(_ values: [Float], _ normal: Float) -> [Float] {
      (0..<channels).map { $0 < values.count ? values[$0] : values.last ?? normal }
    }
    self.mean = fit(mean, 0)
    self.deviation = fit(deviation, 1)
    for value in self.deviation where !(value > 0 && value.isFinite) {
      throw SwiftletError(
        .notQuantizable, place: "standard deviation", expected: "a positive number",
        found: "\(value)")
    }
    plan.pixelZeros = self.mean.map { Int(min(max($0.isFinite ? $0 : 0, 0), 255).rounded()) }
    plan.tensors.append(
      PlanTensor(name: input.name, channels: channels, height: shape[2], width: shape[3]))
    values[input.name] = 0
    for node in graph.nodes {
      for name in node.inputs where !name.isEmpty { uses[name, default: 0] += 1 }
    }
    peelOutputs()
  }

  // MARK: outputs

  /// Replaces outputs that are only rearranged (reshape, transpose, concat) by what they
  /// arrange: raw heads.
  private mutating func peelOutputs() {
    var makers: [String: Node] = [:]
    for node in graph.nodes {
      for name in node.outputs { makers[name] = node }
    }
    func peel(_ name: String, _ into: inout [String]) {
      guard let node = makers[name], !graph.outputs.contains(name) || uses[name, default: 0] == 0,
        uses[name, default: 0] <= 1
      else {
        into.append(name)
        return
      }
      switch node.operation {
      case .concat, .transpose:
        tail[node.name] = true
        for input in node.inputs { peel(input, &into) }
      case .reshape, .flatten, .squeeze, .unsqueeze:
        if isPlainVector(node.inputs[0]) {
          into.append(name)
        } else {
          tail[node.name] = true
          peel(node.inputs[0], &into)
        }
      default: into.append(name)
      }
    }
    for output in graph.outputs {
      var names: [String] = []
      peel(output, &names)
      for name in names where !outputNames.contains(name) { outputNames.append(name) }
    }
  }

  private func isPlainVector(_ name: String) -> Bool {
    guard let shape = graph.shapes[name] else { return false }
    return shape.filter { $0 != 1 }.count <= 1
  }

  private mutating func finished() throws(SwiftletError) -> FloatPlan {
    for name in outputNames {
      guard let tensor = values[name] else {
        if complaints.isEmpty { complaints.append("output \(name): nothing makes it") }
        continue
      }
      if plan.outputs.contains(tensor) { continue }
      plan.outputs.append(floatVersion(of: tensor))
    }
    guard complaints.isEmpty else {
      throw SwiftletError(
        .notQuantizable, place: graph.name, expected: "operators that the runtime has",
        found: "\(complaints.count) without: " + complaints.joined(separator: "; "))
    }
    removeUnused()
    return plan
  }

  /// The tensor as float: itself if a layer can leave float there, else a dequantised copy.
  mutating func floatVersion(of tensor: Int, isReadLater: Bool = false) -> Int {
    if plan.tensors[tensor].isFloat { return tensor }
    let isRead = isReadLater || plan.steps.contains { $0.inputs.contains(tensor) }
    if !isRead, let maker = plan.steps.first(where: { $0.output == tensor }),
      case .layer(let layer) = maker.kind, !layer.isDepthwise, layer.activation == .none,
      maker.inputs.count == 1, maker.inputs[0] != plan.image, maker.inputGate == nil,
      maker.outputGate == nil
    {
      plan.tensors[tensor].isFloat = true
      return tensor
    }
    var copy = plan.tensors[tensor]
    copy.isFloat = true
    copy.name += ".float"
    plan.tensors.append(copy)
    plan.steps.append(
      PlanStep(
        name: copy.name, kind: .dequantize, inputs: [tensor], output: plan.tensors.count - 1))
    return plan.tensors.count - 1
  }

  private mutating func removeUnused() {
    var needed = Set(plan.outputs)
    var steps: [PlanStep] = []
    for step in plan.steps.reversed() where needed.contains(step.output) {
      needed.formUnion(step.reads)
      steps.append(step)
    }
    needed.insert(plan.image)
    plan.steps = steps.reversed()
    let kept = plan.tensors.indices.filter { needed.contains($0) }
    var place: [Int: Int] = [:]
    for (new, old) in kept.enumerated() { place[old] = new }
    plan.tensors = kept.map { plan.tensors[$0] }
    plan.outputs = plan.outputs.map { place[$0]! }
    plan.image = place[plan.image]!
    for i in plan.steps.indices {
      plan.steps[i].inputs = plan.steps[i].inputs.map { place[$0]! }
      plan.steps[i].output = place[plan.steps[i].output]!
      plan.steps[i].inputGate = plan.steps[i].inputGate.map { place[$0]! }
      plan.steps[i].outputGate = plan.steps[i].outputGate.map { place[$0]! }
    }
  }

  // MARK: helpers

  mutating func refuse(_ node: Node, _ reason: String) {
    let operation = "\(node.operation)".prefix { $0 != "(" }
    complaints.append("\(node.name) (\(operation)): \(reason)")
  }

  func constant(_ name: String) -> [Float]? { graph.constants[name]?.asFloats }

  /// The tensor of an input; nil after an earlier complaint (which stands for this one).
  func tensor(_ name: String) -> Int? { values[name] }

  /// Channels, height and width of a value of shape [1, C], [1, C, W] or [1, C, H, W].
  func imageShape(_ name: String) -> (Int, Int, Int)? {
    guard let shape = graph.shapes[name], shape.allSatisfy({ $0 > 0 }) else { return nil }
    switch shape.count {
    case 1: return (shape[0], 1, 1)
    case 2 where shape[0] == 1: return (shape[1], 1, 1)
    case 3 where shape[0] == 1: return (shape[1], 1, shape[2])
    case 4 where shape[0] == 1: return (shape[1], shape[2], shape[3])
    default: return nil
    }
  }

  /// A new tensor of the size of `model`.
  mutating func makeTensor(_ name: String, like model: Int) -> Int {
    let t = plan.tensors[model]
    return makeTensor(name, t.channels, t.height, t.width)
  }

  mutating func makeTensor(_ name: String, _ channels: Int, _ height: Int, _ width: Int) -> Int {
    plan.tensors.append(
      PlanTensor(name: name, channels: channels, height: height, width: width))
    return plan.tensors.count - 1
  }

  mutating func append(_ name: String, _ kind: StepKind, _ inputs: [Int], _ output: Int) {
    var step = PlanStep(name: name, kind: kind, inputs: inputs, output: output)
    step.inputGate = gates[inputs[0]]
    plan.steps.append(step)
  }

  /// The image as an ordinary tensor, for readers other than a dense convolution: a 1 x 1
  /// convolution that only applies mean and deviation.
  mutating func readable(_ tensor: Int) -> Int {
    guard tensor == plan.image else { return tensor }
    if let known = values["\u{0}image"] { return known }
    let image = plan.tensors[plan.image]
    let n = image.channels
    var weights = [Float](repeating: 0, count: n * n)
    for c in 0..<n { weights[c * n + c] = 1 }
    let output = makeTensor(image.name + ".bytes", n, image.height, image.width)
    let layer = Layer(
      outputs: n, inputs: n, weights: weights, bias: [Float](repeating: 0, count: n),
      window: Window())
    append(image.name + ".bytes", .layer(foldingPixels(layer)), [plan.image], output)
    values["\u{0}image"] = output
    return output
  }

  /// Puts mean and deviation into a layer that reads the image.
  func foldingPixels(_ layer: Layer) -> Layer {
    var layer = layer
    let taps = layer.window.taps
    for n in 0..<layer.outputs {
      for c in 0..<layer.inputs {
        // The tensor holds pixel - zero; the network wants (pixel - mean) / deviation.
        let shift = Float(plan.pixelZeros[c]) - mean[c]
        for t in 0..<taps {
          let at = (n * layer.inputs + c) * taps + t
          layer.weights[at] /= deviation[c]
          layer.bias[n] += layer.weights[at] * shift
        }
      }
    }
    return layer
  }
}
