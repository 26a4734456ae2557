import SwiftletPower
import Testing

struct SchedulerTests {
  @Test func decide_lowerCap_neverGivesMoreUtility() {
    let table = Samples.family
    var last = -1.0
    for step in 0...60 {
      var scheduler = Samples.scheduler(table) { $0.maxWatts = 0.9 + 0.1 * Double(step) }
      let decision = scheduler.decide(Samples.measurement(0, watts: nil))
      let utility = self.utility(decision, table)
      #expect(utility >= last - 1e-12, "cap \(0.9 + 0.1 * Double(step))")
      last = utility
    }
    #expect(last > 0.79)
  }

  @Test func decide_lowerCapWithFloors_neverMeetsMore() {
    let table = Samples.family
    var last = (Concession.infeasible, -1.0)
    for step in 0...60 {
      var scheduler = Samples.scheduler(table) {
        $0.maxWatts = 0.9 + 0.1 * Double(step)
        $0.minRate = 20
        $0.wantedRate = 30
        $0.minAccuracy = 0.65
      }
      let decision = scheduler.decide(Samples.measurement(0, watts: nil))
      // Which goals are met comes first, then utility.
      let now = (group(decision.concession), utility(decision, table))
      let before = (group(last.0), last.1)
      #expect(now.0 < before.0 || now.0 == before.0 && now.1 >= before.1 - 1e-12)
      last = (decision.concession, now.1)
    }
    #expect(last.0 == .none)
  }

  private func group(_ concession: Concession) -> Concession {
    concession < .accuracy ? .none : concession
  }

  private func utility(_ decision: Decision, _ table: PointTable) -> Double {
    table.points[decision.point].accuracy * min(1, decision.rate / table.wantedRate)
  }

  @Test func concessions_fallingCap_comeInTheirOrder() {
    let table = Samples.table([
      Samples.network(1, accuracy: 0.8, coreSeconds: 0.05, resolution: 224),
      Samples.network(1, accuracy: 0.79, coreSeconds: 0.03, resolution: 160),
      Samples.network(1, accuracy: 0.77, coreSeconds: 0.018, resolution: 160, prune: 0.5),
      Samples.network(0, accuracy: 0.5, coreSeconds: 0.004, resolution: 160, prune: 0.5),
    ])
    var seen: [Concession] = []
    for step in stride(from: 6.0, through: 0.6, by: -0.02) {
      var scheduler = Samples.scheduler(table) {
        $0.maxWatts = step
        $0.minRate = 24
        $0.wantedRate = 30
        $0.minAccuracy = 0.75
      }
      let decision = scheduler.decide(Samples.measurement(0, watts: nil))
      if seen.last != decision.concession { seen.append(decision.concession) }
    }
    #expect(seen.first == Concession.none && seen.last == .infeasible)
    #expect(seen.contains(.accuracy) && seen.contains(.network))
    // Below the floors the order is strict.
    let ends = seen.filter { $0 >= .accuracy }
    #expect(ends == [.accuracy, .infeasible])
  }

  @Test func decide_nothingFits_runsTheLeastPointAndSaysInfeasible() {
    let table = Samples.family
    var scheduler = Samples.scheduler(table) { $0.maxWatts = 0.8 }
    let decision = scheduler.decide(Samples.measurement(0, watts: nil))
    #expect(decision.concession == .infeasible && decision.point == 0)
    #expect(decision.watts > 0.8, "it does not pretend")
  }

  @Test func decide_onlyAFloor_takesTheFewestWatts() {
    let table = Samples.table([Samples.network(0, accuracy: 0.7, coreSeconds: 0.03)], wanted: 23)
    var scheduler = Samples.scheduler(table) { $0.minRate = 23 }
    let decision = Samples.settle(&scheduler, seconds: 10)
    #expect(abs(decision.rate - 23) < 0.01 && decision.concession == .none)
    // One thread at the lowest voltage: 23 x 0.03 core-seconds at 1 W.
    #expect(abs(decision.watts - 1.69) < 0.02)
  }

  @Test func decide_capFalls_goesDownAtOnceAndUpAfterASecond() {
    var scheduler = Samples.scheduler(Samples.family) { $0.maxWatts = 3 }
    let high = Samples.settle(&scheduler, seconds: 20)
    scheduler.goals.maxWatts = 1.8
    let low = scheduler.decide(Samples.measurement(20.25, watts: high.watts, latency: nil))
    #expect(low.watts < 1.8 && low.reason == .watts)

    scheduler.goals.maxWatts = 3
    var times: [Double] = []
    var watts = low.watts
    for step in 1...8 {
      let time = 20.25 + Double(step) / 4
      let decision = scheduler.decide(
        Samples.measurement(time, watts: watts + (step % 2 == 0 ? 0.001 : -0.001)))
      if decision.watts > 1.85 && times.isEmpty { times.append(time) }
      if times.isEmpty { #expect(decision.reason == .holding) }
      watts = decision.watts
    }
    #expect(times == [21.25], "a better point waits a second")
  }

  @Test func decide_lyingLow_isNotBelieved() {
    var scheduler = Samples.scheduler(Samples.family) { $0.maxWatts = 1.7 }
    let before = Samples.settle(&scheduler, seconds: 20)
    #expect(before.source == .measured)
    var decision = before
    for step in 1...80 {
      let wobble = step % 2 == 0 ? 0.002 : -0.002
      decision = scheduler.decide(
        Samples.measurement(20 + Double(step) / 4, watts: 0.7 * before.watts + wobble))
    }
    #expect(decision.source == .modelled)
    #expect(decision.rate <= before.rate * 1.02, "what is saved on paper is not spent")
  }

  @Test func decide_lyingHighThenHealed_comesBack() {
    var scheduler = Samples.scheduler(Samples.family) { $0.maxWatts = 2 }
    let before = Samples.settle(&scheduler, seconds: 20)
    let extra = Samples.settle(&scheduler, from: 20, seconds: 10, extra: 0.5)
    #expect(extra.rate < before.rate || extra.point < before.point)
    let after = Samples.settle(&scheduler, from: 30, seconds: 10)
    #expect(after.source == .measured)
    #expect(utility(after, scheduler.table) > 0.98 * utility(before, scheduler.table))
  }

  @Test func decide_sensorLostOrFrozen_saysModelledAndGrowsItsMargin() {
    for isFrozen in [false, true] {
      var scheduler = Samples.scheduler(Samples.family) { $0.maxWatts = 2.5 }
      let before = Samples.settle(&scheduler, seconds: 20)
      var decision = before
      for step in 1...120 {
        decision = scheduler.decide(
          Samples.measurement(20 + Double(step) / 4, watts: isFrozen ? before.watts : nil))
        if !isFrozen || step > 9 { #expect(decision.source == .modelled) }
      }
      #expect(decision.deviation > before.deviation)
      #expect(decision.watts + 0.75 * decision.deviation <= 2.5)
      let after = Samples.settle(&scheduler, from: 50, seconds: 10)
      #expect(after.source == .measured)
    }
  }

  @Test func decide_battery_isACapThatFollowsWhatIsLeft() throws {
    var scheduler = Samples.scheduler(Samples.family) {
      $0.batteryWattHours = 2
      $0.batteryHours = 1
    }
    let first = scheduler.decide(Samples.measurement(0, watts: nil))
    #expect(abs(try #require(first.cap) - 1.76) < 1e-9, "0.88 of the battery's energy arrives")
    // Half an hour at less than that leaves more for the rest. While the sensor is not trusted,
    // modelled watts are spent: 29 J here, which is 0.016 W of what is left.
    for second in 1...1800 {
      let wobble = second % 2 == 0 ? 0.001 : -0.001
      _ = scheduler.decide(Samples.measurement(Double(second), watts: 1.2 + wobble))
    }
    let half = try #require(scheduler.cap)
    #expect(abs(half - (2 * 0.88 - 0.6) / 0.5) < 0.02)
  }

  @Test func decide_fewerCoresOnline_takesThemIntoAccount() {
    let table = Samples.table([Samples.network(0, accuracy: 0.8, coreSeconds: 0.1)])
    var scheduler = Samples.scheduler(table) { $0.maxWatts = 20 }
    let before = Samples.settle(&scheduler, seconds: 10)
    #expect(table.points[before.point].threads > 1)
    var m = Samples.measurement(10.25, watts: before.watts + 0.001)
    m.board.onlineCores = 1
    let after = scheduler.decide(m)
    // One core at 2000 MHz does 0.05 s of work for a frame.
    #expect(after.rate <= 19.6)
  }

  @Test func refused_clock_isNotWishedForFiveSeconds() {
    var scheduler = Samples.scheduler(Samples.family) { $0.maxWatts = 5 }
    let first = scheduler.decide(Samples.measurement(0, watts: nil))
    #expect(first.clock != nil)
    let second = scheduler.refused(inForce: 500)
    #expect(second.clock == nil)
    #expect(second.reason == .refusal || second.concession == .infeasible)
    for step in 1...19 {
      #expect(scheduler.decide(Samples.measurement(Double(step) / 4, watts: nil)).clock == nil)
    }
    #expect(scheduler.decide(Samples.measurement(5, watts: nil)).clock != nil)
  }
}
