import SwiftletCore
import SwiftletDevice
import Testing

/// When a first pass rests, and which row a dial means.
struct CascadeGuardTests {
  /// How many of `count` frames went through the first pass in a scene that is hard whenever
  /// `isHard` says so.
  private func trials(_ count: Int, _ isHard: (Int) -> Bool) -> Int {
    var rule = CascadeGuard()
    var first = 0
    for i in 0..<count {
      if rule.wantsFirst {
        first += 1
        rule.add(isSure: !isHard(i))
      } else {
        rule.rest()
      }
    }
    return first
  }

  @Test func guard_hardScene_restsForLongerAndLonger() {
    #expect(trials(150) { _ in true } == 6)
    #expect(trials(20_000) { _ in true } < 20_000 / 200)
  }

  @Test func guard_easyScene_neverRests() {
    #expect(trials(5000) { $0 % 3 != 0 } == 5000)
    #expect(trials(5000) { _ in false } == 5000)
  }

  @Test func guard_sceneThatBecomesEasy_isFoundAgain() {
    // The longest rest bounds how late that shows.
    #expect(trials(8000) { $0 < 2000 } > 8000 - 2000 - CascadeGuard.rests.most)
  }

  @Test func guard_off_judgesEachFrameAlone() {
    var rule = CascadeGuard()
    rule.isOn = false
    for _ in 0..<1000 {
      #expect(rule.wantsFirst)
      rule.add(isSure: false)
    }
  }

  @Test func row_ofADial_isTheLastOneBelow() {
    var rows = [PruneRow(), PruneRow(), PruneRow()]
    (rows[0].dial, rows[1].dial, rows[2].dial) = (200, 250, 1000)
    #expect(row(of: rows, dial: 0) == nil)
    #expect(row(of: rows, dial: 0.19) == nil)
    #expect(row(of: rows, dial: 0.2) == 0)
    #expect(row(of: rows, dial: 0.2499) == 0 || row(of: rows, dial: 0.2499) == 1)
    #expect(row(of: rows, dial: 0.25) == 1)
    #expect(row(of: rows, dial: 0.999) == 1)
    #expect(row(of: rows, dial: 1) == 2)
    #expect(row(of: [], dial: 1) == nil)
  }
}
