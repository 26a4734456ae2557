import Foundation
import SwiftletCore
import Testing

/// docs/errors.md is the table of `ErrorCode`, written out.
struct ErrorTableTests {
  private static var document: String {
    var text = """
      # Errors

      Made from `Sources/SwiftletCore/ErrorCode.swift`; a test compares. To write it anew after a \
      change: `SWIFTLET_WRITE_DOCS=1 swift test --filter ErrorTableTests`.

      An error is two lines on stderr, \
      `swiftlet: error[CODE]: what: where: expected ..., found ...` and `help: ...`, or with `--json` one `swiftlet.error/1` object. A file or folder that may \
      not be used for lack of a right ends with 77 instead of the code below.

      | Code | Error | What to do | Exit code |
      |---|---|---|---|

      """
    for code in ErrorCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      let help = code.help.replacingOccurrences(of: "|", with: "\\|")
      text += "| \(code.name) | \(code.summary) | \(help) | \(code.exitCode) |\n"
    }
    text += """

      | Exit code | Meaning |
      |---|---|
      | 0 | success, also a clean stop by SIGTERM or SIGINT |
      | 1 | failed at run time, no better code |
      | 10 | a gate was not met |
      | 64 | wrong usage |
      | 65 | data refused: model, image or signature invalid |
      | 66 | input not found |
      | 69 | camera or device not available |
      | 70 | internal error, please report |
      | 71 | operating system call failed |
      | 73 | cannot create output |
      | 74 | read or write error |
      | 75 | try again later |
      | 77 | permission |
      | 78 | configuration invalid |

      """
    return text
  }

  @Test func document_isTheTable() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = package.appending(path: "docs/errors.md")
    if ProcessInfo.processInfo.environment["SWIFTLET_WRITE_DOCS"] != nil {
      try Data(Self.document.utf8).write(to: file)
    }
    #expect(
      (try? String(contentsOf: file, encoding: .utf8)) == Self.document,
      "docs/errors.md is out of date: SWIFTLET_WRITE_DOCS=1 swift test --filter ErrorTableTests")
  }

  @Test func table_everyRow_isCompleteAndUnique() {
    let names = ErrorCode.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    let families = [
      "USE": 1, "SYS": 2, "MDL": 3, "OPS": 4, "IMG": 5, "CAM": 6, "PWR": 7, "CFG": 8,
    ]
    let exits: Set<Int32> = [1, 10, 64, 65, 66, 69, 70, 71, 73, 74, 75, 77, 78]
    for code in ErrorCode.allCases {
      let family = String(code.name.prefix(3))
      #expect(families[family] == code.rawValue / 1000, "\(code)")
      #expect(Int(code.name.dropFirst(3)) == code.rawValue % 1000, "\(code)")
      #expect(!code.summary.isEmpty && !code.help.isEmpty && exits.contains(code.exitCode))
    }
  }
}
