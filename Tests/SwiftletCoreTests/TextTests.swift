import SwiftletCore
import TestSupport
import Testing

/// UTF-8 as the standard library sees it.
@Suite struct TextTests {
  private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { Text.isUTF8($0) } }
  private func standard(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  @Test func isUTF8_ofAllShortSequences_agreesWithTheStandardLibrary() {
    let edges: [UInt8] = [
      0, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
      0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    var valid = 0
    for a in edges {
      #expect(isValid([a]) == standard([a]))
      for b in edges {
        #expect(isValid([a, b]) == standard([a, b]))
        for c in edges {
          for d in edges {
            let bytes = [a, b, c, d]
            let expected = standard(bytes)
            if expected { valid += 1 }
            if isValid(bytes) != expected { Issue.record("\(bytes)") }
          }
        }
      }
    }
    #expect(valid > 100)
  }

  @Test func isUTF8_ofLongTextCutAnywhere_agreesWithTheStandardLibrary() {
    let text = Array("plain text, été, 日本語, 🦅 and more plain text at the end".utf8)
    for start in text.indices {
      for end in start...text.count {
        let part = Array(text[start..<end])
        #expect(isValid(part) == standard(part))
      }
    }
  }
}
