import SwiftletCore
import SwiftletDevice
import SwiftletGraph
import SwiftletImport
import SwiftletWriter

/// A float network from ONNX, rewritten, and how to run it on photos.
struct FloatNetwork: Sendable {
  let graph: Graph
  /// The same with every gate open.
  private let openGraph: Graph
  /// What rewriting changed, a line each.
  let rewrites: String
  let input: GraphInput
  let shape: ImageShape

  /// Reads `path`; `size` replaces height and width of its input.
  init(_ path: String, size: Int?) throws(SwiftletError) {
    let options = OnnxImporter.Options(inputSize: size.map { Extent($0, $0) })
    let imported = try OnnxImporter.graph(atPath: path, options: options)
    let (graph, rewrites) = try rewritten(imported)
    let free = graph.inputs.filter { graph.constants[$0.name] == nil }
    guard free.count == 1, free[0].shape.count == 4, free[0].shape[0] == 1,
      (1...4).contains(free[0].shape[1]), free[0].shape[2] > 0, free[0].shape[3] > 0
    else {
      throw SwiftletError(
        .badGraphInput, place: path, expected: "one image input [1, 1...4, height, width]",
        found: free.map { "\($0.name) \($0.shape)" }.joined(separator: ", "))
    }
    self.graph = graph
    openGraph = graph.openingGates()
    self.rewrites = rewrites
    input = free[0]
    shape = ImageShape(
      channels: input.shape[1], height: input.shape[2], width: input.shape[3])
  }

  /// Pixels [H][W][C] as the network's input, mean and deviation applied.
  func tensor(_ pixels: [UInt8], _ preprocessing: Preprocessing) -> Tensor {
    let area = shape.height * shape.width
    var values = [Float](repeating: 0, count: area * shape.channels)
    for c in 0..<shape.channels {
      let mean = preprocessing.mean[c]
      let std = preprocessing.std[c]
      for i in 0..<area {
        values[c * area + i] = (Float(pixels[i * shape.channels + c]) - mean) / std
      }
    }
    return Tensor(shape: input.shape, floats: values)
  }

  /// The first output for a photo; `observe` sees every value on its way. A file skips nothing
  /// unless told to: `opensGates` gives what it is compared with.
  func run(
    _ pixels: [UInt8], _ preprocessing: Preprocessing, opensGates: Bool = false,
    observe: (String, Tensor) -> Void = { _, _ in }
  ) throws(SwiftletError) -> [Float] {
    let outputs = try Interpreter.run(
      opensGates ? openGraph : graph, inputs: [input.name: tensor(pixels, preprocessing)],
      observe: observe)
    return graph.outputs.first.flatMap { outputs[$0] }?.asFloats ?? []
  }
}

/// The graph in the form that the quantiser reads, and a line for each pass that found work.
private func rewritten(_ imported: Graph) throws(SwiftletError) -> (Graph, String) {
  var graph = imported
  let report = try graph.rewrite()
  var lines = "nodes \(report.nodesBefore) before rewriting, \(report.nodesAfter) after"
  for pass in report.passes where pass.changes > 0 {
    lines += "\n  \(pass.name): \(pass.changes) places, \(pass.nodes) nodes left"
  }
  lines += "\n  before: " + counts(report.operatorsBefore)
  lines += "\n  after: " + counts(report.operatorsAfter)
  return (graph, lines)
}

/// `Conv 52, Relu 35, Add 10`, most frequent first.
private func counts(_ operators: [String: Int]) -> String {
  operators.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
}
