import Foundation
import SwiftletCore
import SwiftletPower
import Testing

/// What the reader says of wrong profiles.
struct ProfileReaderTests {
  /// A small profile without a fault.
  static let sound = """
    name = "mine"
    title = "My board" # a comment

    [[cluster]]
    core = 'cortex-a53'
    count = 4
    level1_bytes = 32_768
    mhz = [600,
      1_000, # the highest
    ]
    volts = [0.9, 1.0]
    [cluster.source]
    all = "measured: by me"
    [memory]
    bytes_per_s = 1.5e+9
    [memory.source]
    all = "measured: by me"
    [power]
    base_w = 1
    integer_activity = 0.5
    simd_activity = 0.6
    [power.source]
    base_w = "measured: by me"
    all = "assumption: as others"
    [thermal]
    die_k_per_w = 5
    board_k_per_w = 5
    die_s = 10
    board_s = 100
    limit_c = 70
    throttle_c = 80
    [thermal.source]
    all = "assumption: as others"
    [camera]
    w = 0.5
    [camera.source]
    w = "assumption: as others"

    """

  private func problems(_ text: String) -> [SwiftletError] {
    ProfileReader.read(Array(text.utf8), file: "mine.toml").problems
  }

  private func replaced(_ part: String, _ by: String) -> String {
    let text = Self.sound.replacingOccurrences(of: part, with: by)
    precondition(text != Self.sound, "\(part) is not there")
    return text
  }

  @Test func sound_isReadWhole() throws {
    let result = ProfileReader.read(Array(Self.sound.utf8), file: "mine.toml")
    #expect(result.problems.isEmpty, "\(result.problems.map(\.message))")
    let cluster = try #require(result.profile.clusters.first)
    #expect(cluster.core == "cortex-a53" && cluster.count == 4 && cluster.level1 == 32768)
    #expect(cluster.steps.map(\.megahertz) == [600, 1000])
    #expect(cluster.steps.map(\.volts) == [0.9, 1.0])
    #expect(result.profile.memoryBandwidth == 1.5e9)
    #expect(result.assumed.contains("power.simd_activity"))
    #expect(!result.assumed.contains("power.base_w"))
  }

  /// Code, line, key and words of each kind of fault.
  @Test(arguments: [
    ("title = ", "title : ", ErrorCode.settingsSyntax, "mine.toml:2", "= after a key"),
    ("count = 4", "count = 0x4", .settingsSyntax, "mine.toml:6", "the end of the line"),
    ("count = 4", "count = 04", .settingsSyntax, "mine.toml:6", "a value: text in quotes"),
    ("count = 4", "count = 1__0", .settingsSyntax, "mine.toml:6", "a value: text in quotes"),
    ("count = 4", "count = [[1]]", .settingsSyntax, "mine.toml:6", "no list inside a list"),
    ("count = 4", "count = [1, \"a\"]", .settingsSyntax, "mine.toml:6", "values of one kind"),
    ("count = 4", "count = \"4", .settingsSyntax, "mine.toml:6", "a closing quote"),
    ("count = 4", "count = \"\\q\"", .settingsSyntax, "mine.toml:6", "after a backslash"),
    ("[power]", "[power", .settingsSyntax, "mine.toml:", "] after the name of a table"),
    ("base_w = 1", "basew = 1", .settingsKey, "power.basew", "base_w"),
    ("[memory]", "[memroy]", .settingsKey, "memroy", "memory"),
    (
      "title = \"My board\"", "unknown = [\"power.bass_w\"]\ntitle = \"My board\"",
      .settingsKey, "unknown", "power.base_w"
    ),
    ("base_w = 1\n", "", .settingsMissing, "power.base_w", ""),
    ("core = 'cortex-a53'\n", "", .settingsMissing, "cluster.core", ""),
    (
      "[camera]\nw = 0.5\n[camera.source]\nw = \"assumption: as others\"\n", "", .settingsMissing,
      "camera.w", ""
    ),
    ("title = \"My board\"", "", .settingsMissing, "title", ""),
    ("count = 4", "count = 4.5", .settingsKind, "cluster.count", "a whole number"),
    ("base_w = 1", "base_w = \"1\"", .settingsKind, "power.base_w", "a number"),
    ("core = 'cortex-a53'", "core = 53", .settingsKind, "cluster.core", "text in quotes"),
    ("[0.9, 1.0]", "true", .settingsKind, "cluster.volts", "a list of numbers"),
    ("[[cluster]]", "[cluster]", .settingsKind, "cluster", "[[cluster]]"),
    ("base_w = 1", "base_w = 1e4", .settingsValue, "power.base_w", "0.05 to 500"),
    ("count = 4", "count = 0", .settingsValue, "cluster.count", "1 to 256"),
    ("[0.9, 1.0]", "[0.9, 2.1]", .settingsValue, "cluster.volts", "0.3 to 2"),
    ("die_k_per_w = 5", "die_k_per_w = 0", .settingsValue, "thermal.die_k_per_w", "0.01 to 100"),
    (
      "title = \"My board\"", "throttle_source = \"me\"\ntitle = \"My board\"", .settingsValue,
      "throttle_source", "one of none raspberry-pi cooling-devices"
    ),
    ("count = 4", "count = 4\ncount = 4", .settingsTwice, "cluster.count", ""),
    ("[camera]", "[camera]\n[camera]", .settingsTwice, "camera", ""),
    (
      "w = \"assumption: as others\"\n", "w = \"assumption: a\"\nw = \"assumption: b\"\n",
      .settingsTwice, "camera.source.w", ""
    ),
    ("1_000", "500", .settingsConflict, "cluster.mhz", "rising numbers"),
    ("[0.9, 1.0]", "[0.9]", .settingsConflict, "cluster.volts", "as many as mhz"),
    ("limit_c = 70", "limit_c = 90", .settingsConflict, "thermal.limit_c", "at most throttle_c"),
    ("limit_c = 70", "limit_c = 70\nsoft_c = 60", .settingsConflict, "thermal.soft_c", "soft_mhz"),
    (
      "title = \"My board\"", "unknown = [\"power.base_w\"]\ntitle = \"My board\"",
      .settingsConflict, "power.base_w", "assumption:"
    ),
    (
      "base_w = \"measured: by me\"", "leak_w = \"measured: by me\"", .settingsConflict,
      "power.leak_w", "it, since its source is"
    ),
    ("[memory.source]", "[power.source]", .settingsConflict, "power.source", "directly below"),
    ("w = \"assumption: as others\"\n", "", .settingsSource, "camera.w", ""),
    (
      "w = \"assumption: as others\"\n", "w = \"a friend said so\"", .settingsSource,
      "camera.source.w", "measured: | published: | known: | derived: | assumption: and words"
    ),
  ])
  func fault_isNamedWithItsPlace(
    _ part: String, _ by: String, _ code: ErrorCode, _ place: String, _ expected: String
  ) {
    let found = problems(replaced(part, by))
    #expect(
      found.contains {
        $0.code == code && $0.place.contains(place)
          && (expected.isEmpty || $0.expected.contains(expected))
      }, "\(found.map(\.message))")
    #expect(found.allSatisfy { $0.place.hasPrefix("mine.toml") && $0.code.exitCode == 78 })
  }

  @Test func unknownFigure_namedSo_isNoFault() {
    let text = replaced("base_w = 1\n", "").replacingOccurrences(
      of: "base_w = \"measured: by me\"\n", with: "")
    #expect(problems("unknown = [\"power.base_w\"]\n" + text).isEmpty)
  }

  @Test func faults_several_areToldAtOnce() {
    let text = replaced("count = 4", "count = 0").replacingOccurrences(
      of: "bytes_per_s", with: "bytes_per_second"
    ).replacingOccurrences(of: "limit_c = 70\n", with: "limit_c = \"hot\n")
    let codes = problems(text).map(\.code)
    for code in [ErrorCode.settingsValue, .settingsKey, .settingsSyntax, .settingsMissing] {
      #expect(codes.contains(code))
    }
    #expect(problems(String(repeating: "?\n", count: 500)).count == 50)
  }

  @Test func file_noText_isRefused() {
    let large = [UInt8](repeating: 10, count: ProfileReader.limit + 1)
    for bytes in [[0xFF, 0xFE], large] {
      let found = ProfileReader.read(bytes, file: "x").problems
      #expect(found.map(\.code) == [.settingsFile])
      #expect(throws: SwiftletError.self) { try ProfileReader.profile(bytes, file: "x") }
    }
  }

  /// A trap would end this process: each mutant is read to its end.
  @Test func mutants_all_areReadOrRefused() throws {
    let files = try boardFiles().map(\.bytes) + [Array(Self.sound.utf8)]
    let count = ProcessInfo.processInfo.environment["SWIFTLET_FULL"] == nil ? 40_000 : 200_000
    var state: UInt64 = 0x5EED_0007
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, below)))
    }
    let pieces = [
      "[", "]", "[[", "]]", "\"", "'", "=", ",", "#", "\n", "\r", "\\", "-", "+", ".", "e", "_",
      "\0",
      "999999999999999", "1e22", "-1", "[[cluster]]\n", "[cluster.source]\n", "[sensor]\n",
      "[mode.source]\nall = \"known: x\"\n", "unknown = []\n", "true", "é", "\u{7F}",
    ].map { Array($0.utf8) }
    var accepted = 0
    var refused = 0
    for _ in 0..<count {
      var bytes = files[random(files.count)]
      for _ in 0...random(4) {
        let at = random(bytes.count + 1)
        switch random(6) {
        case 0 where at < bytes.count: bytes[at] = UInt8(random(256))
        case 1 where at < bytes.count: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: pieces[random(pieces.count)], at: at)
        case 3:
          bytes.removeSubrange(at..<min(bytes.count, at + random(200)))
        case 4:
          let from = random(bytes.count)
          bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + random(300))], at: at)
        default: bytes.removeSubrange(at...)
        }
      }
      let result = ProfileReader.read(bytes, file: "mutant")
      if result.problems.isEmpty {
        accepted += 1
        let profile = result.profile
        // What readers of a profile rely on.
        let isSound =
          !profile.clusters.isEmpty
          && profile.clusters.allSatisfy {
            $0.count >= 1 && !$0.steps.isEmpty && !$0.core.isEmpty
          }
        if !isSound { Issue.record("\(String(decoding: bytes, as: UTF8.self))") }
      } else {
        refused += 1
        #expect(result.problems.count <= 50)
      }
    }
    #expect(accepted > count / 100 && refused > count / 4, "\(accepted) and \(refused)")
  }
}
