import SwiftletPower
import Testing

struct OperatingPointTests {
  @Test func utility_halfTheWantedRate_isHalfTheAccuracy() {
    var point = OperatingPoint()
    point.accuracy = 0.8
    point.rate = 10
    #expect(point.utility(wantedRate: 20) == 0.4)
    #expect(point.utility(wantedRate: 5) == 0.8)
    #expect(point.utility(wantedRate: 0) == 0.8)
  }
}
