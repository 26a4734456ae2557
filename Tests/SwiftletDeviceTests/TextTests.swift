import Foundation
import SwiftletDevice
import Testing

struct TextTests {
  @Test(arguments: [
    (0.0, 0, "0"), (1.25, 1, "1.3"), (-1.25, 1, "-1.3"), (0.9999, 2, "1.00"), (-0.001, 2, "0.00"),
    (123.456, 3, "123.456"), (999_999_999_999.5, 0, "1000000000000"), (Double.nan, 2, "-"),
    (Double.infinity, 2, "-"), (0.05, 1, "0.1"), (1e14, 9, "100000000000000.000000000"),
  ])
  func fixed_number_hasItsDecimals(_ number: Double, _ decimals: Int, _ wanted: String) {
    #expect(fixed(number, decimals) == wanted)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1 000"), (1_002_003, "1 002 003"), (-4567, "-4 567"),
    (Int.max, "9 223 372 036 854 775 807"), (Int.min, "-9 223 372 036 854 775 808"),
  ])
  func grouped_count_marksThousands(_ number: Int, _ wanted: String) {
    #expect(grouped(number) == wanted)
  }

  @Test func column_shortAndLong_haveTheWidth() {
    var text = TextBuffer()
    text.append(column: "été", 5)
    text.append(column: "7", 3, right: true)
    text.append(column: "abcdef", 3)
    #expect(text.string == "été    7abc")
  }

  @Test func json_everyMember_isReadBackByFoundation() throws {
    var json = JSONWriter(schema: "swiftlet.test/1")
    let nasty = "a\"b\\c\n\r\t\u{1}\u{7F}é😀/"
    json.member("text", nasty)
    json.member("none", nil as String?)
    json.member("count", -42)
    json.member("yes", true)
    json.member("number", 2.5, decimals: 3)
    json.member("nan", Double.nan, decimals: 3)
    json.member("infinite", -Double.infinity, decimals: 3)
    json.beginObject("inner")
    json.endObject()
    json.beginArray("list")
    json.element(1)
    json.element("two")
    json.element(0.5, decimals: 1)
    json.beginObject()
    json.member("deep", 1)
    json.endObject()
    json.endArray()
    json.endLine()
    let line = json.text.string
    #expect(line.hasPrefix("{\"schema\":\"swiftlet.test/1\","))
    #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { $0 != "\n" })
    let read = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(read["text"] as? String == nasty)
    #expect(read["none"] is NSNull && read["nan"] is NSNull && read["infinite"] is NSNull)
    #expect(read["count"] as? Int == -42)
    #expect(read["number"] as? Double == 2.5)
    #expect((read["list"] as? [Any])?.count == 4)
    #expect(line.contains("\"number\":2.500,"), "numbers are not quoted")
  }

  @Test func json_begin_reusesTheWriter() {
    var json = JSONWriter()
    json.begin(schema: "a/1")
    json.member("x", 1)
    json.endLine()
    json.begin(schema: "b/1")
    json.endLine()
    #expect(json.text.string == "{\"schema\":\"b/1\"}\n")
  }

  @Test func progressLine_isShortEnough_andTellsTheTimeLeft() {
    for columns in [0, 20, 40, 80, 200] {
      for part in [-1.0, 0, 0.3, 1, 2, .nan] {
        let line = ProgressBar.line("layers", part, elapsed: 30, columns: columns)
        #expect(columns < 40 || line.utf8.count < columns, "\(line)")
      }
    }
    #expect(
      ProgressBar.line("layers", 0.25, elapsed: 30, columns: 0) == "layers  25 % 1 min 30 s left")
    #expect(ProgressBar.line("layers", 0.5, elapsed: 8, columns: 80).contains("[####"))
  }
}
