import SwiftletCore
import SwiftletGraph

/// What a node becomes.
enum Translation {
  /// One operation on the node's own inputs, or on those given.
  case operation(Operation, inputs: [String]? = nil)
  /// A function of two, applied from the first input to the last.
  case chain(BinaryFunction)
  /// A constant and, if it is not a float, its type.
  case constant(Tensor, StoredType?)
}

/// Why translating stopped: either a reason for the list, or a fault of the file.
enum TranslationError: Error {
  case unsupported(Unsupported)
  case file(SwiftletError)
}

/// One ONNX operator that can be imported.
struct ImportedOperator: Sendable {
  let name: String
  let inputs: ClosedRange<Int>
  let outputs: ClosedRange<Int>
  /// Limits, for docs/onnx.md.
  let limits: String
  let translate: @Sendable (inout NodeReader) throws(TranslationError) -> Translation

  init(
    _ name: String, inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1,
    limits: String = "",
    _ translate: @escaping @Sendable (inout NodeReader) throws(Unsupported) -> Operation
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.limits = limits
    self.translate = { reader throws(TranslationError) in
      do throws(Unsupported) {
        return .operation(try translate(&reader))
      } catch {
        throw .unsupported(error)
      }
    }
  }

  init(
    general name: String, inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1,
    limits: String = "",
    _ translate: @escaping @Sendable (inout NodeReader) throws(TranslationError) -> Translation
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.limits = limits
    self.translate = translate
  }
}

/// The list of operators that can be imported, with their limits.
public enum SupportedOperators {
  static let table: [ImportedOperator] =
    (convolutions + products + activations + arithmetic + pools + movement + layout
    + shapeArithmetic + quantization).sorted { $0.name < $1.name }

  static let byName: [String: ImportedOperator] = Dictionary(
    table.map { ($0.name, $0) }
  ) { first, _ in first }

  /// ONNX names with their limits, sorted by name.
  public static var all: [(name: String, limits: String)] { table.map { ($0.name, $0.limits) } }

  /// The table of docs/onnx.md.
  public static var markdown: String {
    "| operator | limits |\n| --- | --- |\n"
      + all.map { "| \($0.name) | \($0.limits) |\n" }.joined()
  }

  /// Runs a translation whose attributes may hold tensors.
  static func attempt<T>(_ body: () throws(Unsupported) -> T) throws(TranslationError) -> T {
    do throws(Unsupported) { return try body() } catch { throw .unsupported(error) }
  }
}
