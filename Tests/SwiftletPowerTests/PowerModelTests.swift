import Foundation
import SwiftletPower
import Testing

struct PowerModelTests {
  @Test(arguments: [-700.5, -40, -3.2, -1e-9, 0, 0.3, 1, 7.7, 40])
  func exponential_knownArguments_agreesWithTheLibrary(_ x: Double) {
    let wanted = Foundation.exp(x)
    #expect(abs(exponential(x) - wanted) <= 1e-14 * wanted + 1e-300)
  }

  @Test func volts_betweenSteps_areOnAStraightLine() {
    let model = PowerModel(Samples.board)
    #expect(model.volts(at: 300) == 1)
    #expect(abs(model.volts(at: 1500) - 1.1) < 1e-12)
    #expect(model.volts(at: 2000) == 1.2)
    #expect(model.volts(at: 9000) == 1.2)
    #expect(model.volts(at: 0) == 1.2, "0 is no limit: the highest clock")
  }

  @Test func coreWatts_areActivityTimesClockTimesVoltsSquared() {
    let model = PowerModel(Samples.board)
    #expect(abs(model.coreWatts(at: 2000) - 2 * 1.44) < 1e-12)
  }

  @Test func camera_ofTheProfile_countsUnlessAnotherIsTold() {
    var board = Samples.board
    board.cameraWatts = 0.5
    #expect(PowerModel(board).base == 1.5)
    #expect(PowerModel(board, cameraWatts: 0.2).base == 1.2)
  }

  @Test func leakage_growsEfoldOverItsKelvins() {
    var board = Samples.board
    board.power.leak = 0.1
    board.power.leakFold = 30
    let model = PowerModel(board)
    #expect(abs(model.leakage(at: 45)) < 1e-12)
    #expect(abs(model.leakage(at: 75) - 0.1 * (M_E - 1)) < 1e-9)
  }
}

struct ThermalModelTests {
  private var facts: ThermalFacts {
    var facts = ThermalFacts()
    facts.dieResistance = 4.44
    facts.boardResistance = 5
    facts.dieSeconds = 15
    facts.boardSeconds = 300
    facts.ambient = 25
    return facts
  }

  @Test func step_oneLong_equalsManyShort() {
    var long = ThermalModel(facts, watts: 2)
    var short = long
    long.step(watts: 6, seconds: 120)
    for _ in 0..<12000 { short.step(watts: 6, seconds: 0.01) }
    #expect(abs(long.die - short.die) < 1e-6)
    #expect(abs(long.board - short.board) < 1e-6)
  }

  @Test func step_veryLong_endsAtResistanceTimesWatts() {
    var model = ThermalModel(facts)
    model.step(watts: 6.4, seconds: 1e5)
    #expect(abs(model.die - (25 + 9.44 * 6.4)) < 1e-6, "82 to 86 C, as published for 6.4 W")
  }

  @Test func allowance_usedForItsTime_endsAtTheLimit() {
    let model = ThermalModel(facts, watts: 3)
    let watts = model.allowance(limit: 70, seconds: 20)
    #expect(abs(model.ahead(watts: watts, seconds: 20).die - 70) < 1e-9)
  }

  @Test func correct_anotherAir_isLearntFromTheDie() {
    var truth = ThermalModel(facts, watts: 3)
    truth.air = 45
    var model = ThermalModel(facts, watts: 3)
    for _ in 0..<1200 {
      truth.step(watts: 3, seconds: 0.25)
      model.step(watts: 3, seconds: 0.25)
      model.correct(measured: (truth.die * 2).rounded() / 2, seconds: 0.25)
    }
    #expect(abs(model.die - truth.die) < 0.6)
    #expect(abs(model.air - 45) < 6)
  }
}
