import Foundation
import SwiftletPower
import Testing

/// The table of docs/boards.md is the reader's table.
struct ProfileDocumentTests {
  private func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e6
      ? "\(Int(value))" : "\(value)".replacingOccurrences(of: "+", with: "")
  }

  @Test func document_everyKey_standsThereWithKindAndRange() throws {
    let text = try String(contentsOf: package.appending(path: "docs/boards.md"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    let kinds: [Character: String] = [
      "t": "text", "l": "texts", "w": "word", "k": "words", "n": "number", "c": "whole number",
      "r": "rising numbers", "v": "numbers",
    ]
    let needs: [Character: String] = ["!": "yes", "?": "with its table", "-": "no"]
    let rows = ProfileKeyRow.all()
    #expect(rows.count == ProfileKey.allCases.count)
    for row in rows {
      let kind = try #require(kinds[Character(UnicodeScalar(row.kind))])
      let need = try #require(needs[Character(UnicodeScalar(row.need))])
      var range = row.words.joined(separator: " ")
      if row.high > 0 { range = "\(number(row.low)) to \(number(row.high))" }
      let start = "| `\(row.path)` | \(kind) | \(range) | \(need) | "
      #expect(
        lines.contains { $0.hasPrefix(start) && $0.count > start.count + 5 },
        "docs/boards.md lacks: \(start)")
    }
    #expect(lines.filter { $0.hasPrefix("| `") }.count == rows.count)
  }

  /// The example of the document is a profile without a fault.
  @Test func document_example_isSound() throws {
    let text = try String(contentsOf: package.appending(path: "docs/boards.md"), encoding: .utf8)
    let parts = text.components(separatedBy: "```")
    let example = try #require(parts.first { $0.hasPrefix("toml\n") }).dropFirst(5)
    let result = ProfileReader.read(Array(example.utf8), file: "docs/boards.md")
    #expect(result.problems.isEmpty, "\(result.problems.map(\.message))")
    #expect(result.profile.hasPowerModel && result.profile.sensors.count == 3)
  }
}
