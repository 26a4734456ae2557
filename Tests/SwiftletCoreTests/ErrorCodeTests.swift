import SwiftletCore
import Testing

/// The table of errors.
@Suite struct ErrorCodeTests {
  @Test func everyCode_hasItsOwnNameWordsAndCure() {
    let all = ErrorCode.allCases
    #expect(Set(all.map(\.name)).count == all.count)
    for code in all {
      #expect(!code.summary.isEmpty && !code.help.isEmpty)
      #expect((1...78).contains(code.exitCode))
    }
  }

  @Test func everyName_followsFromTheNumber() {
    let families = [
      1: "USE", 2: "SYS", 3: "MDL", 4: "OPS", 5: "IMG", 6: "CAM", 7: "PWR", 8: "CFG",
    ]
    for code in ErrorCode.allCases {
      let digits = "00\(code.rawValue % 1000)".suffix(3)
      #expect(code.name == "\(families[code.rawValue / 1000] ?? "?")\(digits)")
    }
  }

  @Test func message_namesCodePlaceBothValuesAndCure() {
    let error = SwiftletError(
      .modelCutShort, place: "a.swlt", expected: "20 bytes", found: "10")
    #expect(
      error.message
        == "error[MDL003]: the file has another size than it says: a.swlt: expected 20 bytes,"
        + " found 10\nhelp: copy it again")
  }
}
