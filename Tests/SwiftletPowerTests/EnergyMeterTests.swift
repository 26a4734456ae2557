import SwiftletPower
import Testing

struct EnergyMeterTests {
  @Test func add_linearWatts_isTheExactIntegral() {
    var meter = EnergyMeter()
    for i in 0...100 { meter.add(time: Double(i) * 0.25, watts: 2 + Double(i) * 0.01) }
    #expect(abs(meter.joules - (2 * 25 + 0.04 * 25 * 25 / 2)) < 1e-9)
    #expect(meter.seconds == 25)
    #expect(meter.missing == 0)
  }

  @Test func add_lostReadings_areNotInvented() {
    var meter = EnergyMeter()
    meter.add(time: 0, watts: 4)
    meter.add(time: 1, watts: 4)
    meter.add(time: 2, watts: nil)
    meter.add(time: 3, watts: 4)
    meter.add(time: 9, watts: 4)  // a gap longer than two seconds
    meter.add(time: 10, watts: 2)
    #expect(meter.joules == 4 + 3)
    #expect(meter.seconds == 2)
    #expect(meter.missing == 8)
    #expect(meter.averageWatts == 3.5)
  }

  @Test func averageWatts_withoutReadings_isNil() {
    var meter = EnergyMeter()
    #expect(meter.averageWatts == nil)
    meter.add(time: 5, watts: 3)
    #expect(meter.averageWatts == nil)
    // A clock that steps back adds nothing.
    meter.add(time: 4, watts: 3)
    #expect(meter.seconds == 0)
  }
}
