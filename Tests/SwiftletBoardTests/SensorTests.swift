import CShims
import Foundation
import SwiftletBoard
import SwiftletCore
import SwiftletPower
import Testing

/// Sensors of each board, on folders that imitate its kernel.
struct SensorTests {
  private func reading(_ tree: Tree, _ name: String) throws -> BoardReading {
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named(name))
    return board.read()
  }

  @Test func read_pi4WithINA219_tellsEverything() throws {
    let tree = try Tree(Boards.pi4)
    let found = try reading(tree, "raspberry-pi-4b")
    #expect(found.watts == 3.2)
    #expect(found.celsius == 48.686)
    #expect(found.throttle == [.underVoltage, .throttled], "the bits since boot are left out")
    #expect(found.clockLimit == 1800 && found.clock == 600)
    #expect(found.onlineCores == 4)
    #expect(found.otherCores == nil, "needs two readings")
  }

  @Test func read_railsOfAnUnknownChip_areNotTheBoard() throws {
    let rails = Boards.ina3221("sys/class/hwmon/hwmon5", [("SERVO", 5000, 400)])
    let both = try Tree(Boards.pi4 + rails)
    #expect(try reading(both, "raspberry-pi-4b").watts == 3.2)
    let without = Boards.pi4.filter { !$0.0.hasPrefix("sys/class/hwmon/hwmon2/") }
    #expect(try reading(Tree(without + rails), "raspberry-pi-4b").watts == nil)
  }

  @Test func otherCores_twoReadings_leaveThisProcessOut() throws {
    let tree = try Tree(Boards.pi4)
    var board = LinuxBoard(
      root: tree.root, profile: try BoardProfiles.named("raspberry-pi-4b"))
    _ = board.read()
    // 400 ticks of four cores: 240 busy, 100 of them our own.
    for (path, text) in Boards.cpu("200 10 210 950 10 10 10 0", own: (120, 40), online: "0-3") {
      try tree.put(path, text)
    }
    let found = try #require(board.read().otherCores)
    #expect(abs(found - 140.0 / 400 * 4) < 1e-9)
    // No tick has passed: the last answer stays.
    #expect(board.read().otherCores == found)
  }

  @Test func read_pi5_ignoresThePMICThatMissesRails() throws {
    let tree = try Tree(Boards.pi5)
    let found = try reading(tree, "raspberry-pi-5")
    #expect(found.watts == nil)
    #expect(found.throttle == .softLimit)
    #expect(found.celsius == 61.2, "without a zone the firmware tells the temperature")
    // A profile that wants it gets the sum of volts x amperes.
    var profile = try BoardProfiles.named("raspberry-pi-5")
    var rule = SensorRule()
    rule.driver = "pmic"
    profile.sensors = [rule]
    var board = LinuxBoard(root: tree.root, profile: profile)
    #expect(abs((board.read().watts ?? 0) - (0.1 * 3.7 + 1.5 * 0.8)) < 1e-12)
  }

  @Test func read_nanoJetPack4_takesTheTotalAndTheHottestDieZone() throws {
    let tree = try Tree(Boards.nano(3300, 400, 900))
    let found = try reading(tree, "jetson-nano")
    #expect(found.watts == 3.3)
    #expect(found.celsius == 39, "neither the PMIC's 100 C nor the fan's estimate")
    #expect(found.throttle == [], "a fan is no throttle")
    try tree.put("sys/class/thermal/cooling_device0/cur_state", "2\n")
    #expect(try reading(tree, "jetson-nano").throttle == .clockCapped)
  }

  @Test func read_swappedLabels_takesTheLargestRail() throws {
    // Without the total the parts say nothing about the board.
    let headless = try Tree(Boards.nano(3300, 400, 900).filter { !$0.0.contains("_0") })
    #expect(try reading(headless, "jetson-nano").watts == nil)
    // Old L4T: the rail called POM_5V_CPU is the supply.
    let tree = try Tree(Boards.nano(900, 400, 3300))
    #expect(try reading(tree, "jetson-nano").watts == 3.3)
  }

  @Test func read_xavierNX_leavesOutTheSumOfShunts() throws {
    let tree = try Tree(Boards.xavierNX)
    let found = try reading(tree, "jetson-xavier-nx")
    #expect(abs((found.watts ?? 0) - 5.1) < 1e-9)
    #expect(found.celsius == 41)
  }

  @Test func read_agxXavier_sumsSixRailsOfTwoChips() throws {
    let tree = try Tree(Boards.agx)
    let sum = 19.0 * (0.1 + 0.2 + 0.05 + 0.01 + 0.04) + 5 * 0.5
    #expect(abs((try reading(tree, "jetson-agx-xavier").watts ?? 0) - sum) < 1e-9)
    // A sum without one of its rails would be a lie: one chip not bound, one channel failing.
    let other = try Tree(Boards.agx.filter { !$0.0.contains("1-0041") })
    #expect(try reading(other, "jetson-agx-xavier").watts == nil)
    try tree.put("sys/bus/i2c/drivers/ina3221/1-0041/hwmon/hwmon1/curr2_input", "")
    #expect(try reading(tree, "jetson-agx-xavier").watts == nil)
  }

  @Test func read_orinNX_skipsUnconnectedRailsAndSleepingZones() throws {
    let tree = try Tree(Boards.orinNX)
    let found = try reading(tree, "jetson-orin-nx")
    #expect(abs((found.watts ?? 0) - 19.8 * 0.232) < 1e-9)
    #expect(found.celsius == 48)
  }

  @Test func read_emptyFolder_tellsNothing() throws {
    let tree = try Tree()
    let found = try reading(tree, "host")
    #expect(found.watts == nil && found.celsius == nil && found.clock == nil)
    #expect(found.clockLimit == nil && found.otherCores == nil && found.onlineCores == 0)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("host"))
    let survey = board.survey()
    #expect(survey.contains { $0.subject == .power && $0.state == .missing })
    #expect(survey.contains { $0.subject == .clock && $0.state == .missing })
    #expect(survey.contains { $0.subject == .gpio && $0.state == .missing })
  }

  @Test func read_thisMachine_doesNotFail() throws {
    var board = LinuxBoard(profile: try BoardProfiles.named("host"))
    _ = board.read()
    let found = board.read()
    #expect(found.onlineCores >= 1)
    #expect(found.clockLimit == nil || found.clockLimit! > 0)
  }

  @Test func read_sensorRemoved_isNilUntilItIsBack() throws {
    let tree = try Tree(Boards.pi4)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("raspberry-pi-4b"))
    #expect(board.read().watts == 3.2)
    // An open file of an unbound driver tells ENODEV; an emptied one is as unusable.
    try tree.put("sys/class/hwmon/hwmon2/power1_input", "")
    #expect(board.read().watts == nil)
    try tree.remove("sys/class/hwmon/hwmon2")
    board.skew = 6
    #expect(board.read().watts == nil)
    for (path, text) in Boards.pi4 where path.contains("hwmon2") {
      try tree.put(path.replacingOccurrences(of: "hwmon2", with: "hwmon7"), text)
    }
    #expect(board.read().watts == nil, "looked for every five seconds only")
    board.skew = 12
    #expect(board.read().watts == 3.2)
    #expect(board.read().celsius == 48.686, "the others were opened again as well")
  }

  @Test func read_nonsenseOfTheKernel_isNil() throws {
    let tree = try Tree(Boards.pi4)
    for text in ["", "x", "-", "99999999999999999999", "900000000000\n", "-5000000\n", "\0\0"] {
      try tree.put("sys/class/hwmon/hwmon2/power1_input", text)
      try tree.put("sys/class/thermal/thermal_zone0/temp", text == "-5000000\n" ? text : "x")
      let found = try reading(tree, "raspberry-pi-4b")
      #expect(found.watts == nil, "\(text)")
      #expect(found.celsius == 48.312, "the firmware stands in for the zone")
    }
  }

  @Test func pmicText_anyBytes_giveWattsOrNil() {
    var random = SystemRandom(seed: 7)
    let text = [UInt8](Boards.pmic.utf8)
    var usable = 0
    for _ in 0..<20_000 {
      var bytes = text
      for _ in 0..<(1 + random.next() % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
      let watts = bytes.withUnsafeBytes { PMICText.watts($0) }
      if let watts {
        #expect(watts >= 0 && watts < 100)
        usable += 1
      }
    }
    #expect(usable > 100)
    #expect(text.withUnsafeBytes { PMICText.watts($0) } != nil)
  }

  @Test(arguments: [("0-3\n", 4), ("0", 1), ("0-3,5", 5), ("", 0), ("3-1", 0), ("0-99999", 0)])
  func cpuList_text_givesItsCount(_ text: String, _ count: Int) {
    var text = text
    #expect(text.withUTF8 { CPUList.count(UnsafeRawBufferPointer($0)) } == count)
  }

  @Test func survey_pi4_namesWhatIsThere() throws {
    let tree = try Tree(Boards.pi4)
    try tree.put("dev/gpiochip0", "v2\nGPIO17 free\n")
    try tree.put("dev/gpiochip1", "v1\nGPIO17 free\n")
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("raspberry-pi-4b"))
    let survey = board.survey()
    func state(_ subject: BoardFinding.Subject, _ place: String) -> BoardFinding.State? {
      survey.first { $0.subject == subject && $0.place.hasPrefix(place) }?.state
    }
    #expect(state(.power, "/sys/class/hwmon/hwmon2") == .found)
    #expect(state(.temperature, "/sys/class/thermal") == .found)
    #expect(state(.throttle, "/dev/vcio") == .found)
    #expect(state(.clock, "/sys/devices/system/cpu/cpufreq/policy0") == .found)
    #expect(state(.restoring, "restore-state") == .found)
    #expect(state(.load, "/proc/stat") == .found)
    #expect(state(.gpio, "/dev/gpiochip0") == .found)
    #expect(state(.gpio, "/dev/gpiochip1") == .missing)
    try tree.put(
      "sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "performance\n")
    #expect(board.survey().contains { $0.subject == .clock && $0.state == .doubtful })
  }

  @Test func survey_withoutRights_saysSo() throws {
    let tree = try Tree(Boards.pi4)
    chmod(tree.root + "/dev/vcio", 0o600)
    let (text, status) = try Helper.run(["nobody", tree.root, "raspberry-pi-4b"])
    #expect(status == 0)
    guard getuid() == 0 else {
      print("skipped: taking rights away needs root")
      return
    }
    #expect(text.contains("limit -1.0 PWR102"), "nothing can be recorded: \(text)")
    #expect(text.contains("denied throttle /dev/vcio EACCES"))
    #expect(text.contains("denied clock /sys/devices/system/cpu/cpufreq/policy0"))
    #expect(text.contains("denied restoring"))
  }

  @Test(arguments: [
    ("raspberry-pi-4b", Boards.pi4), ("jetson-nano", Boards.nano(3300, 400, 900)),
    ("jetson-orin-nx", Boards.orinNX), ("jetson-agx-xavier", Boards.agx),
    ("raspberry-pi-5", Boards.pi5),
  ])
  func read_anyBoard_allocatesNothing(_ name: String, _ files: [(String, String)]) throws {
    let tree = try Tree(files)
    let (text, status) = try Helper.run(["allocations", tree.root, name])
    #expect(status == 0 && text.hasPrefix("allocations 0 in 100"), "\(text)")
  }

  @Test(arguments: [("raspberry-pi-4b", Boards.pi4), ("jetson-orin-nx", Boards.orinNX)])
  func openingAndReading_everyCallFails_nothingLeaksOrLies(
    _ name: String, _ files: [(String, String)]
  ) throws {
    let tree = try Tree(files)
    try tree.put("dev/gpiochip0", "v2\nGPIO17 free\n")
    let (text, status) = try Helper.run(["scan", tree.root, name])
    print("\(name): \(text)", terminator: "")
    #expect(status == 0)
    #expect(text.contains("wrong 0 leaked 0"), "\(text)")
    #expect(text.contains("nil true"), "\(text)")
    let runs = Int(text.split(separator: " ")[1]) ?? 0
    #expect(runs > 80, "\(text)")
  }
}

/// splitmix64, for fixed seeds.
struct SystemRandom {
  var seed: UInt64
  mutating func next() -> UInt64 {
    seed &+= 0x9E37_79B9_7F4A_7C15
    var z = seed
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
