import SwiftletPower
import Testing

struct PointTableTests {
  @Test func builder_points_haveTheWattsOfTheModel() {
    let power = PowerModel(Samples.board)
    let builder = PointBuilder(power: power, wantedRate: 30, cameraRate: 30)
    let points = builder.points([Samples.network(0, accuracy: 0.6, coreSeconds: 0.01)])
    #expect(!points.isEmpty)
    for point in points {
      let joules = point.coreSeconds * power.coreWatts(at: point.clock)
      #expect(abs(point.dynamicWatts - joules * point.rate) < 1e-12)
      #expect(point.rate <= 30 && point.rate * point.latency <= 0.95 + 1e-12)
    }
    for k in [1.0, 2, 3] { #expect(builder.rates.contains(30 / k)) }
    #expect(builder.rates == builder.rates.sorted(by: >))
  }

  @Test func builder_tooSlowForTheRate_goesAsFastAsItCan() {
    let builder = PointBuilder(power: PowerModel(Samples.board), wantedRate: 30)
    let points = builder.points([Samples.network(0, accuracy: 0.6, coreSeconds: 0.1)])
    let slowest = points.filter { $0.threads == 1 && $0.clock == 1000 }
    #expect(slowest.map(\.rate).max() == 0.95 / 0.1)
  }

  @Test func table_points_areAFrontOfAtMost64() {
    var random = SmallRandom(seed: 3)
    for _ in 0..<20 {
      var candidates: [OperatingPoint] = []
      for i in 0..<600 {
        var point = OperatingPoint()
        point.network = i
        point.accuracy = random.unit()
        point.rate = 30
        point.latency = random.unit()
        point.dynamicWatts = random.unit()
        candidates.append(point)
      }
      let table = PointTable(candidates, wantedRate: 30)
      #expect(table.points.count <= PointTable.limit && table.points.count > 10)
      for a in table.points {
        for b in table.points where a.network != b.network {
          #expect(
            !(a.accuracy >= b.accuracy && a.dynamicWatts <= b.dynamicWatts
              && a.latency <= b.latency))
        }
      }
      let watts = table.points.map(\.dynamicWatts)
      #expect(watts == watts.sorted())
      // The best and the cheapest of all candidates are there.
      #expect(table.points.map(\.accuracy).max() == candidates.map(\.accuracy).max())
      #expect(watts.first == candidates.map(\.dynamicWatts).min())
      let again = PointTable(candidates, wantedRate: 30)
      #expect(again.points.map(\.network) == table.points.map(\.network))
    }
  }

  @Test func table_columns_areKept() {
    let table = Samples.table([
      Samples.network(0, accuracy: 0.8, coreSeconds: 0.02, resolution: 224),
      Samples.network(0, accuracy: 0.7, coreSeconds: 0.01, resolution: 160),
      Samples.network(0, accuracy: 0.6, coreSeconds: 0.005, resolution: 160, prune: 0.5),
    ])
    #expect(table.bestResolution == 224 && table.leastPrune == 0 && table.bestAccuracy == 0.8)
    #expect(table.points.contains { $0.prune == 0.5 && $0.resolution == 160 })
  }

  @Test func scheduler_withoutPoints_decidesNothing() {
    var scheduler = Samples.scheduler(PointTable([], wantedRate: 30))
    let decision = scheduler.decide(Samples.measurement(0, watts: 2))
    #expect(decision.point == 0 && decision.rate == 0)
  }
}

/// A small generator for tests: SplitMix64.
struct SmallRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func unit() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }
}
