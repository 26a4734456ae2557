import SwiftletCore
import SwiftletDevice
import Testing

struct FlagParserTests {
  /// The arguments of a command line that has to be accepted.
  private func arguments(_ words: String..., environment: [String: String] = [:]) throws
    -> Arguments
  {
    guard
      case .command(let arguments) = try FlagParser.parse(
        words, hasHostCommands: true, environment: { environment[$0] })
    else {
      Issue.record("\(words) is no command")
      throw SwiftletError(.badValue, place: "test")
    }
    return arguments
  }

  /// The error of a command line that has to be refused.
  private func error(_ words: String..., hasHostCommands: Bool = true) -> SwiftletError? {
    do throws(SwiftletError) {
      _ = try FlagParser.parse(
        words, hasHostCommands: hasHostCommands, environment: { _ in nil })
      return nil
    } catch {
      return error
    }
  }

  @Test func value_apartOrWithEquals_isTheSame() throws {
    for words in [["-j", "4"], ["-j4"], ["-j=4"], ["--threads", "4"], ["--threads=4"]] {
      let request = try FlagParser.parse(
        ["bench", "a.swlt"] + words, hasHostCommands: false, environment: { _ in nil })
      guard case .command(let arguments) = request else {
        Issue.record("no command")
        return
      }
      #expect(arguments.count(.threads) == 4, "\(words)")
      #expect(arguments.words == ["a.swlt"])
    }
  }

  @Test func letters_together_eachCounts() throws {
    let a = try arguments("run", "-vvqj2", "a", "b")
    #expect(a.count(.verbose) == 2)
    #expect(a.isOn(.quiet))
    #expect(a.count(.threads) == 2)
  }

  @Test func toggle_no_takesItBack() throws {
    #expect(try arguments("run", "a", "b", "--json").isOn(.json))
    #expect(try !arguments("run", "a", "b", "--json", "--no-json").isOn(.json))
  }

  @Test func doubleHyphen_endsFlags_andHyphenIsAWord() throws {
    let a = try arguments("run", "net", "-", "--", "--json", "-x")
    #expect(a.words == ["net", "-", "--json", "-x"])
    #expect(!a.isOn(.json))
    #expect(try arguments("camera", "net", "-c", "-").text(.camera) == "-")
  }

  @Test func model_asFlag_isTheFirstWord() throws {
    #expect(try arguments("run", "-m", "net", "photo").words == ["net", "photo"])
  }

  @Test(arguments: [
    ("2s", 2_000_000_000), ("500ms", 500_000_000), ("10min", 600_000_000_000), ("0", 0),
    ("1.5s", 1_500_000_000), ("1h", 3_600_000_000_000),
  ])
  func duration_withUnit_isNanoseconds(_ text: String, _ wanted: Int) throws {
    #expect(try arguments("bench", "net", "--time", text).count(.time) == wanted)
  }

  @Test func duration_bareNumber_showsTheRightForm() {
    let found = error("bench", "net", "--time", "30")
    #expect(found?.code == .badValue)
    #expect(found?.expected.contains("30s") == true)
    #expect(found?.found == "30")
  }

  @Test(arguments: [
    "", "-", "s", "-1s", "1e3s", "1 s", "1sec", "99999999999999999999s", "1..2s", ".s",
  ])
  func duration_nonsense_isRefused(_ text: String) {
    #expect(error("bench", "net", "--time=" + text)?.code == .badValue)
  }

  @Test func count_outOfRange_namesTheRange() {
    #expect(error("bench", "net", "-j", "0")?.expected == "a whole number from 1 to 64")
    #expect(error("bench", "net", "-j", "65")?.code == .badValue)
    #expect(error("bench", "net", "-j", "99999999999999999999")?.code == .badValue)
  }

  @Test func numbers_betweenCommas_areRead() throws {
    let a = try arguments("quantize", "n", "--mean", "123.675,116.28,103.53", "--std", "58")
    #expect(a.numbers(.mean) == [123.675, 116.28, 103.53])
    #expect(a.numbers(.std) == [58])
    #expect(error("quantize", "n", "--mean", "1,,2")?.code == .badValue)
    #expect(error("quantize", "n", "--mean", "1,2,3,4,5")?.code == .badValue)
  }

  @Test func unknownFlag_nearOne_isSuggested() {
    #expect(error("bench", "n", "--thread", "2")?.expected == "--threads")
    #expect(error("bench", "n", "--treads", "2")?.expected == "--threads")
    #expect(error("bench", "n", "-threads", "2")?.expected == "--threads")
    #expect(error("bench", "n", "--no-jsno")?.expected == "--no-json")
    #expect(error("bench", "n", "--zzzzzzzz")?.expected == "")
    #expect(error("bench", "n", "--mean", "1")?.code == .unknownFlag, "a flag of another command")
  }

  @Test func unknownCommand_nearOne_isSuggested() {
    #expect(error("rnu")?.expected == "run")
    #expect(error("quantise")?.expected == "quantize")
    #expect(error("quantize", "a", hasHostCommands: false)?.found.contains("host") == true)
  }

  @Test func missing_valueOrWord_isNamed() {
    #expect(error("bench", "n", "-j")?.code == .missingValue)
    #expect(error("bench", "n", "--isa", "--json")?.code == .missingValue)
    #expect(error("bench")?.code == .missingArgument)
    #expect(error("inspect", "a", "b")?.code == .extraArgument)
    #expect(error("bench", "a", "--json=1")?.code == .badValue)
    #expect(error("--json")?.code == .missingArgument)
  }

  @Test func environment_standsIn_andTheFlagWins() throws {
    let set = ["SWIFTLET_ISA": "avx2", "SWIFTLET_THREADS": "3"]
    let a = try arguments("bench", "n", "-j", "2", environment: set)
    #expect(a.text(.isa) == "avx2")
    #expect(a.origin(.isa) == "environment")
    #expect(a.count(.threads) == 2)
    #expect(a.origin(.threads) == "flag")
    #expect(a.origin(.bits) == "default")
    #expect(throws: SwiftletError.self) {
      try arguments("bench", "n", environment: ["SWIFTLET_THREADS": "many"])
    }
  }

  @Test func help_anywhere_isHelp() throws {
    for words in [
      ["bench", "--help"], ["help", "bench"], ["bench", "-h"], ["bench", "n", "-h"],
    ] {
      guard case .help(.bench?) = try FlagParser.parse(words, hasHostCommands: true) else {
        Issue.record("\(words)")
        return
      }
    }
  }

  /// Words made of pieces that mean something, in any order: an answer or a typed error.
  @Test func parse_randomWords_neverTraps() {
    var random = SplitMix(state: 42)
    let pieces =
      ["-", "--", "=", "-j", "4", "\u{0}", "é", "no-", "json", "s", "0", "9", ",", ".", " ", ""]
      + Flag.allCases.map(\.written) + Command.allCases.map(\.row.name)
    var accepted = 0
    for _ in 0..<20000 {
      var words: [String] = []
      if random.next() % 4 != 0 {
        words.append(Command.allCases[Int(random.next() % UInt64(Command.allCases.count))].row.name)
      }
      for _ in 0..<random.next() % 6 {
        var word = ""
        for _ in 0...random.next() % 3 {
          word += pieces[Int(random.next() % UInt64(pieces.count))]
        }
        words.append(word)
      }
      do throws(SwiftletError) {
        _ = try FlagParser.parse(words, hasHostCommands: true, environment: { _ in nil })
        accepted += 1
      } catch {
        #expect(error.code.exitCode == 64, "\(words)")
      }
    }
    #expect(accepted > 100 && accepted < 20000, "both outcomes were tried")
  }
}

/// splitmix64 (Steele, Lea, Flood 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
