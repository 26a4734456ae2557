import Foundation
import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// The writer as a whole.
@Suite struct ModelWriterTests {
  @Test func sameNetwork_givesSameBytes_anotherSeedOthers() throws {
    let first = try ModelWriter.write(TinyNetworks.everything(seed: 4))
    #expect(try ModelWriter.write(TinyNetworks.everything(seed: 4)) == first)
    #expect(try ModelWriter.write(TinyNetworks.everything(seed: 5)) != first)
  }

  @Test func tinyNetworks_coverEveryCodeEpilogueFormatAndKind() {
    let all = TinyNetworks.everything()
    #expect(Set(all.operators.map(\.code)).union([.gate]) == Set(OperatorCode.allCases))
    #expect(Set(all.operators.map(\.record.epilogue)) == [.linear, .residual, .hardSwish, .float])
    #expect(Set(all.tensors.map(\.kind)) == [.uint8, .uint8PerChannel, .float32, .pixels])
    for code in OperatorCode.allCases {
      #expect(TinyNetworks.single(code).operators.contains { $0.code == code })
    }
  }

  @Test func writtenFile_read_isTheNetwork() throws {
    let path = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString).swlt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ModelWriter.writeFile(TinyNetworks.everything(), to: path)
    let file = try MappedFile(path: path)
    let model = try ModelVerifier.verifyAll(bytes: file.bytes, name: file.path)
    #expect(model.operators.count == TinyNetworks.everything().operators.count)
    #expect(model.agreements == TinyNetworks.everything().agreements)
    #expect(model.agreement(bits: 4)?.share == 0.93)
    #expect(model.agreement(bits: 8, resolution: 160) == nil)
  }

  @Test func pruneRows_takeTheirPlace_allElseStays() throws {
    let bytes = AlignedBytes(try ModelWriter.write(TinyNetworks.everything()))
    let before = try ModelVerifier.verifyAll(bytes: bytes.bytes, name: "t.swlt")
    #expect(before.pruneRows == TinyNetworks.everything().pruneRows)
    let rows = [
      TinyNetworks.pruneRow(.gates, dial: 3, cost: 0.7),
      TinyNetworks.pruneRow(.ownPass, dial: 900, cost: 0.2),
      TinyNetworks.pruneRow(.ownPass, dial: 800, cost: 0.3),
    ]
    let new = AlignedBytes(try ModelWriter.file(before, pruneRows: rows))
    let after = try ModelVerifier.verifyAll(bytes: new.bytes, name: "t.swlt")
    #expect(after.pruneRows == [rows[2], rows[1], rows[0]])
    #expect(after.pruneRows(.ownPass).map(\.dial) == [800, 900])
    for section in before.sections where section.kind != .runTimeTables {
      #expect(after.section(section.kind).elementsEqual(before.section(section.kind)))
    }
    #expect(after.headerChecksum != before.headerChecksum)
    // Without rows the section is gone, and writing back what was there gives the old bytes.
    let none = AlignedBytes(try ModelWriter.file(after, pruneRows: []))
    let bare = try ModelVerifier.verifyAll(bytes: none.bytes, name: "t.swlt")
    #expect(bare.pruneRows.isEmpty && !bare.sections.contains { $0.kind == .runTimeTables })
    #expect(try ModelWriter.file(bare, pruneRows: before.pruneRows) == Array(bytes.bytes))
  }

  @Test func unusedFields_areLeftOut() throws {
    var network = TinyNetworks.single(.add)
    let good = try ModelWriter.write(network)
    network.operators[1].record.padTop = 3
    network.operators[1].record.kernelWidth = 300
    network.operators[1].record.weights = 64
    #expect(try ModelWriter.write(network) == good)
  }

  @Test func wrongCounts_areRefusedWithTheOperatorsName() {
    func place(_ change: (inout QuantizedNetwork) -> Void) -> String {
      var network = TinyNetworks.single(.convolution)
      change(&network)
      do throws(SwiftletError) {
        _ = try ModelWriter.write(network)
        return "accepted"
      } catch {
        #expect(error.code == .networkInvalid)
        return error.place
      }
    }
    let name = "convolution: operator 1 \"convolution.1\""
    #expect(place { $0.operators[1].weights = nil } == name)
    #expect(place { $0.operators[1].weights = .int8([1]) } == name)
    #expect(place { $0.operators[1].constants!.biasU8 = [] } == name)
    #expect(place { $0.operators[1].inputs = [99] } == name)
    #expect(place { $0.operators[1].record.kernelWidth = 0 } == name)
    #expect(place { $0.operators[1].record.padTop = -1 } == name)
    #expect(place { $0.outputs = [1 << 40] } != "accepted")
  }

  /// The sizes that the format promises: with 4 bits, all constants and 1000 labels.
  @Test func networksOfPublishedShapes_areSmall() throws {
    let large = try ModelWriter.write(NetworkShapes.mobileNetV3Large())
    let lite = try ModelWriter.write(NetworkShapes.efficientNetLite0())
    print("MobileNetV3-Large \(large.count) bytes, EfficientNet-Lite0 \(lite.count) bytes")
    #expect(large.count <= 3_400_000)
    #expect(lite.count <= 2_750_000)
  }

  // MARK: docs/format.md

  private func document() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/format.md"), encoding: .utf8)
  }

  @Test func formatDocument_hasEveryNumberOfTheFormat() throws {
    let text = try document()
    for code in OperatorCode.allCases {
      #expect(text.contains("| \(code.rawValue) | \(code.name) |"), "\(code.name)")
    }
    for kind in SectionKind.allCases {
      #expect(text.contains("| \(kind.rawValue) | \(kind.name) |"), "\(kind.name)")
    }
    for (title, fields, size) in [
      ("tensor", RecordField.tensor, 32), ("operator", RecordField.operation, 128),
      ("calibration", RecordField.calibration, 16), ("prune row", RecordField.pruneRow, 48),
    ] {
      #expect(fields.map(\.size).reduce(0, +) == size)
      for field in fields {
        #expect(
          text.contains("| \(field.offset) | \(field.size) | \(field.name) |"),
          "\(title) \(field.name)")
      }
    }
    for code in ErrorCode.allCases where (3001...3999).contains(code.rawValue) {
      #expect(text.contains("| \(code.name) | \(code.summary) |"), "\(code.name)")
    }
  }
}
