import SwiftletCore
import SwiftletDevice
import Testing

/// When a first pass rests, and which row a dial means.
struct CascadeGuardTests {
  /// Frames of `count` that went through the first pass, and the mean cost, if a scene needs the
  /// full pass whenever `isHard` says so.
  private func run(
    _ count: Int, firstCost: Double, _ isHard: (Int) -> Bool
  ) -> (first: Int, cost: Double) {
    var rule = CascadeGuard()
    rule.firstCost = firstCost
    var first = 0
    var cost = 0.0
    for i in 0..<count {
      if rule.wantsFirst {
        first += 1
        cost += firstCost + (isHard(i) ? 1 : 0)
        rule.add(isSure: !isHard(i))
      } else {
        cost += 1
        rule.rest()
      }
    }
    return (first, cost / Double(count))
  }

  @Test func guard_hardScene_restsForLongerAndLonger() {
    let (first, cost) = run(20_000, firstCost: 0.5) { _ in true }
    #expect(first < 20_000 / 50)
    #expect(cost < 1.01)
  }

  @Test func guard_easyScene_neverRests() {
    let (first, cost) = run(5000, firstCost: 0.3) { $0 % 2 == 0 }
    #expect(first == 5000)
    #expect(abs(cost - 0.8) < 1e-9)
  }

  @Test func guard_sceneThatBecomesEasy_isFoundAgain() {
    // Hard for 2000 frames, easy afterwards: the longest rest bounds how late that shows.
    let (first, _) = run(8000, firstCost: 0.5) { $0 < 2000 }
    #expect(first > 8000 - 2000 - CascadeGuard.rests.most - CascadeGuard.trial)
  }

  @Test func guard_off_judgesEachFrameAlone() {
    var rule = CascadeGuard()
    rule.firstCost = 0.9
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
