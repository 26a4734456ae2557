import Foundation
import SwiftletBoard
import SwiftletCore
import SwiftletPower
import Testing

/// Limits are set, read back, and put back whatever happens.
struct RestoreTests {
  static let limit = "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"
  static let gpu = "sys/class/devfreq/57000000.gpu/max_freq"
  static let state = "run/swiftlet/restore-state"

  private func nano() throws -> Tree { try Tree(Boards.nano(3300, 400, 900)) }

  private func isOriginal(_ tree: Tree) -> Bool {
    tree.number(Self.limit) == 1_479_000 && tree.number(Self.gpu) == 921_600_000
  }

  @Test func setClockLimit_takesTheStepBelowAndReadsItBack() throws {
    let tree = try Tree(Boards.pi4)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("raspberry-pi-4b"))
    #expect(board.setClockLimit(1555) == 1500)
    #expect(tree.number(Self.limit) == 1_500_000)
    #expect(board.read().clockLimit == 1500)
    let text = try #require(tree.text(Self.state))
    #expect(text.hasSuffix("\n/\(Self.limit) 1800000\n"))
    #expect(board.setClockLimit(100) == 600, "the lowest step is the least there is")
    #expect(board.setClockLimit(99_999) == 1800)
    #expect(board.setClockLimit(.nan) == nil)
    board.restore()
    board.restore()
    #expect(tree.number(Self.limit) == 1_800_000)
    #expect(!tree.exists(Self.state))
    #expect(board.setClockLimit(600) == 600, "may go on after restoring")
    _ = consume board
    #expect(tree.number(Self.limit) == 1_800_000, "restored at the end of its life")
    #expect(!tree.exists(Self.state))
  }

  @Test func setClockLimit_twoPolicies_setsBoth() throws {
    let tree = try Tree(Boards.orinNX)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-orin-nx"))
    #expect(board.setClockLimit(1200) == 1190.4)
    #expect(tree.number(Self.limit) == 1_190_400)
    #expect(tree.number("sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq") == 1_190_400)
    #expect(board.setGraphicsLimit(500) == 408)
    board.restore()
    #expect(tree.number("sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq") == 1_984_000)
    #expect(tree.number("sys/class/devfreq/17000000.ga10b/max_freq") == 1_173_000_000)
  }

  @Test func setClockLimit_underAThermalCap_restoresTheFullClock() throws {
    // The kernel tells the cap in place of the limit; restoring that would keep it for ever.
    let tree = try nano()
    try tree.put("sys/class/thermal/cooling_device0/cur_state", "4\n")
    try tree.put(Self.limit, "1036800\n")
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-nano"))
    #expect(board.setClockLimit(800) == 710.4)
    board.restore()
    #expect(tree.number(Self.limit) == 1_479_000)
  }

  @Test func setClockLimit_boardWithoutTheKnob_refuses() throws {
    let tree = try Tree(Boards.pi4)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("host"))
    #expect(board.setClockLimit(1000) == nil)
    #expect(board.refusal?.code == .clockRefused)
    #expect(tree.number(Self.limit) == 1_800_000)
  }

  @Test func setClockLimit_refused_isNotTriedAgainForFiveSeconds() throws {
    let tree = try Tree(Boards.pi4)
    // A folder in the place of the state folder: nothing can be recorded.
    try tree.put("run/swiftlet", "in the way")
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("raspberry-pi-4b"))
    #expect(board.setClockLimit(1000) == nil)
    #expect(board.refusal?.code == .restoreState)
    #expect(tree.number(Self.limit) == 1_800_000, "what is not recorded is not changed")
    try tree.remove("run/swiftlet")
    board.skew = 4
    #expect(board.setClockLimit(1000) == nil)
    board.skew = 6
    #expect(board.setClockLimit(1000) == 1000)
    #expect(board.refusal == nil)
  }

  @Test func takeKnobs_whileAnotherHoldsThem_isRefused() throws {
    let tree = try nano()
    let (process, output) = try Helper.start(["hold", tree.root, "jetson-nano", "800"])
    #expect(try Helper.line(output) == "holds 710.4 healed 0 -")
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-nano"))
    do throws(SwiftletError) {
      try board.takeKnobs()
      Issue.record("two programs hold the knobs")
    } catch {
      #expect(error.code == .knobsTaken)
      #expect(error.found == "process \(process.processIdentifier) holds them")
    }
    #expect(board.setClockLimit(102) == nil)
    #expect(tree.number(Self.limit) == 710_400)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    board.skew = 10
    #expect(board.setClockLimit(1100) == 1036.8, "free once the guardian has restored")
    #expect(tree.text(Self.state)?.contains("1479000") == true, "the original, not the cap")
  }

  @Test func killedProcess_isRestoredByItsGuardian() throws {
    let tree = try nano()
    let (process, output) = try Helper.start(["hold", tree.root, "jetson-nano", "800"])
    #expect(try Helper.line(output) == "holds 710.4 healed 0 -")
    #expect(tree.number(Self.limit) == 710_400 && tree.number(Self.gpu) == 384_000_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(eventually { isOriginal(tree) && !tree.exists(Self.state) })
  }

  @Test func guardian_holdsOnlyItsTwoDescriptors_inASessionOfItsOwn() throws {
    let tree = try nano()
    let (process, output) = try Helper.start(["held", tree.root, "jetson-nano"])
    #expect(try Helper.line(output) == "ready")
    let guardians = guardians(of: process.processIdentifier, tree)
    #expect(guardians.count == 1)
    for pid in guardians {
      let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
      #expect(held.count == 2, "\(held)")
      // Ctrl-C and the end of a terminal reach the whole group; it must outlive them.
      for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { kill(pid, number) }
      #expect(getsid(pid) == pid || getsid(pid) != getsid(process.processIdentifier))
    }
    usleep(50_000)
    #expect(self.guardians(of: process.processIdentifier, tree).count == 1)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(eventually { self.guardians(of: 0, tree).isEmpty }, "it ends with its process")
  }

  /// Processes named swiftlet-guard that hold this tree's lock.
  private func guardians(of parent: Int32, _ tree: Tree) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { pid in
      guard
        (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))
          == "swiftlet-guard\n"
      else { return false }
      let folder = "/proc/\(pid)/fd"
      let held = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return held.contains { fd in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(fd)")
        return target?.hasPrefix(tree.root) == true
      }
    }
  }

  @Test func guardianKilledToo_nextStartHeals() throws {
    let tree = try nano()
    let (process, output) = try Helper.start(["hold", tree.root, "jetson-nano", "800"])
    _ = try Helper.line(output)
    for pid in guardians(of: process.processIdentifier, tree) { kill(pid, SIGKILL) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(tree.number(Self.limit) == 710_400 && tree.exists(Self.state))
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-nano"))
    try board.takeKnobs()
    #expect(board.healed == 2)
    #expect(isOriginal(tree) && !tree.exists(Self.state))
  }

  @Test func staleState_ofAnotherBoot_isLeftAlone() throws {
    let tree = try nano()
    try tree.put(Self.state, "swiftlet-restore 1 another-boot\n/\(Self.limit) 102000\n")
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-nano"))
    try board.takeKnobs()
    #expect(board.healed == 0 && isOriginal(tree) && !tree.exists(Self.state))
  }

  @Test func staleState_thatCannotBeRestored_keepsTheKnobsClosed() throws {
    let tree = try nano()
    try tree.remove(Self.gpu)
    // A folder there: it can be opened by nobody for writing.
    try FileManager.default.createDirectory(
      atPath: tree.root + "/" + Self.gpu, withIntermediateDirectories: true)
    let boot = "11111111-2222-3333-4444-555555555555"
    let text = "swiftlet-restore 1 \(boot)\n/\(Self.gpu) 76800000\n/\(Self.limit) 102000\n"
    try tree.put(Self.state, text)
    var board = LinuxBoard(root: tree.root, profile: try BoardProfiles.named("jetson-nano"))
    #expect(throws: SwiftletError.self) { try board.takeKnobs() }
    #expect(board.setClockLimit(1000) == nil)
    #expect(board.refusal?.code == .notRestored)
    #expect(tree.text(Self.state) == text, "kept for a start with more rights")
    #expect(tree.number(Self.limit) == 102_000, "what can be restored is")
  }

  /// 0 missed restores: killed at any call, the guardian leaves the tree as it was.
  @Test func anyPrefixOfOperations_thenKill_leavesTheOriginal() throws {
    let tree = try nano()
    var killed = 0
    var n = 1
    while n < 400 {
      let (text, status) = try Helper.run(["kill", tree.root, "jetson-nano", "\(n)"])
      if text.contains("survived") {
        #expect(isOriginal(tree))
        break
      }
      #expect(status == -SIGKILL)
      killed += 1
      // What the guardian could not know of, the next start heals: both count as restored.
      #expect(
        eventually { isOriginal(tree) && !isLocked(tree) }, "killed at call \(n): not restored")
      n += 1
    }
    print("killed at each of \(killed) calls: 0 missed restores")
    #expect(killed > 60)
  }

  private func isLocked(_ tree: Tree) -> Bool {
    let descriptor = open(tree.root + "/" + Self.state + ".lock", O_RDONLY)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Every call fails, alone and with all after it: a refusal, never a leak or a lost restore.
  @Test(arguments: [("once", ENOSPC), ("later", EIO), ("once", EACCES)])
  func everyCall_failing_losesNoRestoreAndNoDescriptor(_ mode: String, _ error: Int32) throws {
    let tree = try nano()
    var n = 1
    var last = ""
    while n < 400 {
      let (text, status) = try Helper.run(
        ["fail", tree.root, "jetson-nano", "\(n)", mode, "\(error)"])
      #expect(status == 0)
      #expect(text.contains("leaked 0\n"), "call \(n): \(text)")
      #expect(
        eventually { isOriginal(tree) && !isLocked(tree) },
        "call \(n) \(mode) failing: not restored")
      let words = text.split(whereSeparator: \.isWhitespace)
      last = words.count > 1 ? String(words[1]) : "0"
      if n > Int(last) ?? 0 { break }
      n += 1
    }
    print("\(mode) \(error): each of \(n - 1) calls failed, 0 missed restores, 0 descriptors")
    #expect(n > 60)
  }

  @Test func stateText_roundTrips() {
    let records = [
      RestoreRecord(path: "/" + Self.limit, value: 1_800_000),
      RestoreRecord(path: "/" + Self.gpu, value: 921_600_000),
    ]
    let bytes = [UInt8](RestoreState.text(records, boot: "b").utf8)
    #expect(RestoreState.records(bytes, boot: "b") == records)
    #expect(RestoreState.records(bytes, boot: "c").isEmpty)
    #expect(RestoreState.records([UInt8](bytes.dropLast()), boot: "b").count == 1, "cut line")
  }

  @Test(arguments: [
    "/etc/passwd", "/sys/devices/system/cpu/cpufreq/policy0/../../x/scaling_max_freq",
    "/sys/devices/system/cpu/cpufreq/policy/scaling_max_freq",
    "/sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq",
    "/sys/devices/system/cpu/cpufreq/policy12345/scaling_max_freq",
    "/sys/class/devfreq/../../max_freq", "/sys/class/devfreq/.hidden/max_freq",
    "/sys/class/devfreq/a b/max_freq", "/sys/class/devfreq//max_freq", "",
    "sys/class/devfreq/x/max_freq", "/sys/class/devfreq/a/b/max_freq",
  ])
  func stateText_otherPaths_areNeverWritten(_ path: String) {
    #expect(!RestoreState.isAllowed([UInt8](path.utf8)[...]))
    let text = "swiftlet-restore 1 b\n\(path) 5\n"
    #expect(RestoreState.records([UInt8](text.utf8), boot: "b").isEmpty)
  }

  @Test func stateText_anyBytes_giveOnlyAllowedPaths() {
    var random = SystemRandom(seed: 11)
    let text = RestoreState.text(
      [
        RestoreRecord(path: "/" + Self.limit, value: 1_800_000),
        RestoreRecord(path: "/" + Self.gpu, value: 921_600_000),
      ], boot: "b")
    var kept = 0
    for _ in 0..<50_000 {
      var bytes = [UInt8](text.utf8)
      for _ in 0..<(1 + random.next() % 5) {
        let at = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.insert(bytes[at], at: at)
        default: bytes.remove(at: at)
        }
      }
      for record in RestoreState.records(bytes, boot: "b") {
        kept += 1
        #expect(RestoreState.isAllowed([UInt8](record.path.utf8)[...]) && record.value >= 0)
      }
    }
    #expect(kept > 1000)
  }

  @Test func affinity_ofThisMachine_isTakenOrRefused() {
    var cluster = Cluster()
    cluster.firstCPU = 4000
    cluster.count = 4
    #expect(!Affinity.use(cluster), "CPUs that are not there")
    cluster.count = -1
    #expect(!Affinity.use(cluster))
  }
}
