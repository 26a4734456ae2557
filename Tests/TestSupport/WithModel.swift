import SwiftletCore
import SwiftletWriter

/// Writes `network` to bytes, verifies them and hands over the contents, which live no longer than
/// the call.
public func withModel<Result>(
  _ network: QuantizedNetwork, _ body: (ModelContents) throws -> Result
) throws -> Result {
  let file = AlignedBytes(try ModelWriter.write(network))
  let contents = try ModelVerifier.verify(bytes: file.bytes, name: network.name)
  defer { _ = file.bytes.count }
  return try body(contents)
}
