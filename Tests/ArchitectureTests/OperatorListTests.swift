import Foundation
import SwiftletCore
import Testing

/// The list of operators is complete wherever it is written down.
struct OperatorListTests {
  @Test(arguments: OperatorCode.allCases)
  func operatorDocs_everyCode_hasItsRow(_ code: OperatorCode) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appending(path: "docs/operators.md"), encoding: .utf8)
    #expect(text.contains("\n| \(code.rawValue) | \(code) |"))
  }
}
