import Foundation
import SwiftProtobuf
import SwiftletCore
import SwiftletGraph

/// ONNX to graph: translates, never optimises.
public enum OnnxImporter {
  /// Versions of the operator set that are read. 11 to 21 are tested by ONNX's own node tests;
  /// older ones are read where their operators mean the same.
  public static let opsets = 7...21

  public struct Options: Sendable {
    /// Height and width of four-axis inputs, in place of what the file declares.
    public var inputSize: Extent?
    /// Take the batch that the file declares; else four-axis inputs get batch 1.
    public var keepsBatch = false

    public init(inputSize: Extent? = nil) { self.inputSize = inputSize }
  }

  /// Reads a file.
  public static func graph(atPath path: String, options: Options = Options())
    throws(SwiftletError) -> Graph
  {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SwiftletError(.cannotOpen, place: path)
    }
    return try graph([UInt8](data), name: path, options: options)
  }

  /// Reads the bytes of a file; `name` is for messages.
  ///
  /// Throws one error: for a damaged file, for weights outside the file, or a list of every node
  /// that is not supported.
  public static func graph(_ bytes: [UInt8], name: String, options: Options = Options())
    throws(SwiftletError) -> Graph
  {
    let model: Onnx_ModelProto
    do {
      model = try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw SwiftletError(
        .badOnnx, place: name, expected: "a protobuf message of type ModelProto",
        found: "\(bytes.count) bytes that are none")
    }
    guard model.hasGraph, !model.graph.output.isEmpty else {
      throw SwiftletError(.badOnnx, place: name, expected: "a graph with outputs", found: "none")
    }
    let imports = model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    guard let opset = imports.first?.version, opsets.contains(Int(opset)) else {
      throw SwiftletError(
        .badOnnx, place: name,
        expected: "operator set \(opsets.lowerBound) to \(opsets.upperBound)",
        found: imports.first.map { "\($0.version)" } ?? "none")
    }
    var builder = GraphBuilder(model.graph, opset: Int(opset), name: name)
    try builder.readConstants()
    try builder.readInputs(options)
    try builder.readNodes()
    return try builder.finish()
  }

  /// Reads a file that holds a single tensor message.
  package static func tensor(_ bytes: [UInt8], name: String) throws(SwiftletError) -> Tensor {
    guard let proto = try? Onnx_TensorProto(serializedBytes: bytes) else {
      throw SwiftletError(.badOnnx, place: name, expected: "a tensor", found: "other bytes")
    }
    return try Tensor(proto, place: name)
  }

  /// Names of the inputs, the operators and the operator set of a file, unchecked: for tests that
  /// choose files.
  package static func summary(_ bytes: [UInt8])
    -> (inputs: [String], outputs: [String], operators: [String], opset: Int)?
  {
    guard let model = try? Onnx_ModelProto(serializedBytes: bytes) else { return nil }
    return (
      model.graph.input.map(\.name), model.graph.output.map(\.name),
      model.graph.node.map { $0.domain.isEmpty ? $0.opType : "\($0.domain).\($0.opType)" },
      Int(model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 0)
    )
  }
}
