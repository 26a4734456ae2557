import SwiftletCore
import SwiftletPower
import SwiftletSimulator
import Testing

struct ScenarioFileTests {
  @Test func parse_everything_isRead() throws {
    let text = """
      # A bad afternoon
      seconds = 90
      activity = 0.65   # a hungry chip
      base = 1.9
      ambient = 30
      leak = 1.2
      sensor_noise = 0.02
      frame_noise = 0
      sensor = no

      at 60 cap 2.8
      at 5 slowdown 1.4
      at 6 ambient 45
      at 7 other 0.3
      at 8 hidden 0.1
      at 9 sensor lying 1.2
      at 10 sensor lost
      at 11 sensor frozen
      at 12 sensor healthy
      at 13 governor refuses
      at 14 governor obeys
      at 15 cores 2
      at 16 throttle 600
      """
    let scenario = try ScenarioFile.parse(text, file: "x")
    #expect(scenario.seconds == 90 && scenario.truth.activity == 0.65)
    #expect(scenario.truth.base == 1.9 && scenario.truth.ambient == 30)
    #expect(scenario.truth.leak == 1.2 && scenario.truth.sensorNoise == 0.02)
    #expect(scenario.truth.frameNoise == 0 && !scenario.truth.hasSensor)
    #expect(
      scenario.events.map(\.change) == [
        .slowdown(1.4), .ambient(45), .other(0.3), .hidden(0.1), .sensor(.lying(1.2)),
        .sensor(.lost), .sensor(.frozen), .sensor(.healthy), .refusesClock(true),
        .refusesClock(false), .cores(2), .throttle(600), .cap(2.8),
      ])
  }

  @Test(arguments: [
    ("seconds 90", ErrorCode.settingsSyntax, "x:1"),
    ("\nspeed = 3", .settingsKey, "x:2"),
    ("base = much", .settingsValue, "x:1: base"),
    ("base = nan", .settingsValue, "x:1: base"),
    ("base = 1\nbase = 2", .settingsTwice, "x:2: base"),
    ("seconds = -1", .settingsValue, "x:1: seconds"),
    ("sensor = maybe", .settingsValue, "x:1: sensor"),
    ("at 5 cap", .settingsSyntax, "x:1"),
    ("at soon cap 3", .settingsValue, "x:1: at"),
    ("at 5 rain 3", .settingsKey, "x:1"),
    ("at 5 sensor lying", .settingsValue, "x:1: sensor"),
    ("at 5 sensor broken", .settingsValue, "x:1: sensor"),
    ("at 5 governor sleeps", .settingsValue, "x:1: governor"),
    ("at 5 cap 3 4", .settingsSyntax, "x:1: cap"),
  ])
  func parse_wrongLine_isNamed(_ text: String, _ code: ErrorCode, _ place: String) {
    do {
      _ = try ScenarioFile.parse(text, file: "x")
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.code == code && error.place == place, "\(error.message)")
    }
  }

  @Test func random_sameSeed_isTheSame() {
    let power = Boards.raspberryPi4.power
    let a = Scenario.random(seed: 7, power: power, ambient: 25)
    let b = Scenario.random(seed: 7, power: power, ambient: 25)
    #expect(a.events.map(\.change) == b.events.map(\.change))
    #expect(a.truth.activity == b.truth.activity)
    #expect(a.events.map(\.time) == a.events.map(\.time).sorted())
    #expect(a.hasFault)
  }
}

struct RunPlotTests {
  @Test func svg_ofARun_showsItsParts() {
    let table = Boards.table(Boards.family, wanted: 30)
    let simulation = Boards.simulation(table, seed: 1)
    let svg = RunPlot.svg(
      simulation.run(), table: table, limit: simulation.limit, title: "a < b & c")
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    for word in ["watts, mean of 1 s", "frames a second", "die, C", "operating point", "modelled"] {
      #expect(svg.contains(word))
    }
    #expect(svg.contains("a &lt; b &amp; c"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    #expect(svg.utf8.count < 300_000)
  }
}
