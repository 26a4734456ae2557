import SwiftletPower
import Testing

struct TimeModelTests {
  /// Layers of all classes and sizes, some shared by threads.
  private static let layers: [LayerWork] = {
    var random = SystemlessRandom(state: 3)
    var list: [LayerWork] = []
    for kernel in KernelClass.allCases {
      for epilogue in EpilogueClass.allCases {
        var work = LayerWork()
        work.kernel = kernel
        work.epilogue = epilogue
        work.vectors = random.next(100_000) + 1
        work.units = work.vectors * (random.next(2000) + 1)
        work.decoded = random.next(50_000)
        work.weightBytes = random.next(300_000)
        work.activationBytes = random.next(3_000_000)
        // As a plan cuts: up to two parts a thread, at most as many as there are blocks.
        let most = random.next(12) + 1
        for i in 1..<8 { work.parts[i] = UInt8(min(most, 2 * (i + 1))) }
        list.append(work)
      }
    }
    return list
  }()

  private static let models: [TimeModel] = CoreRates.names.compactMap { name in
    CoreRates.named("\(name)").map {
      TimeModel(rates: $0, bandwidth: 2.3e9, cache: 1 << 20, cores: 4)
    }
  }

  @Test func rates_everyCoreAndClass_arePositive() throws {
    #expect(TimeModelTests.models.count == CoreRates.names.count)
    for model in TimeModelTests.models {
      let rates = model.rates
      #expect(rates.numbers.count == CoreRates.tableSize)
      for kernel in KernelClass.allCases {
        let k = rates.kernel(kernel)
        #expect(k.perUnit >= 0 && k.perVector >= 0 && k.perCode >= 0)
        #expect(k.perUnit + k.perVector > 0, "\(rates.name) \(kernel.word)")
      }
    }
    #expect(CoreRates.named("cortex-a9") == nil)
    #expect(CoreRates.named("cortex-a7") == nil)
    #expect(CoreRates.named("cortex-a722") == nil)
  }

  @Test func predict_risingClock_takesLess() {
    for model in TimeModelTests.models {
      for work in TimeModelTests.layers {
        var before = Double.infinity
        for clock in [600.0, 1000, 1500, 2400] {
          let now = model.predict(work, clock: clock, threads: 2, streams: true)
          #expect(now.seconds < before || now.isMemory && now.seconds == before)
          before = now.seconds
        }
      }
    }
  }

  @Test func predict_moreThreads_neverTakeLonger() {
    for model in TimeModelTests.models {
      for work in TimeModelTests.layers {
        var before = Double.infinity
        for threads in 1...4 {
          let now = model.predict(work, clock: 1500, threads: threads, streams: true).seconds
          #expect(now <= before + model.barrier)
          before = now
        }
      }
      let all = (1...4).map {
        model.predict(TimeModelTests.layers, clock: 1500, threads: $0).seconds
      }
      for i in 1..<4 { #expect(all[i] <= all[i - 1]) }
      // A fifth thread has no core.
      #expect(model.predict(TimeModelTests.layers, clock: 1500, threads: 5).seconds == all[3])
    }
  }

  @Test func predict_network_isTheSumOfItsLayers() {
    for model in TimeModelTests.models {
      let streams = model.streams(TimeModelTests.layers)
      for threads in 1...4 {
        let all = model.predict(TimeModelTests.layers, clock: 1000, threads: threads)
        var sum = TimeModel.Prediction()
        for work in TimeModelTests.layers {
          let one = model.predict(work, clock: 1000, threads: threads, streams: streams)
          sum.seconds += one.seconds
          sum.coreSeconds += one.coreSeconds
          sum.bytes += one.bytes
        }
        #expect(all.seconds == sum.seconds)
        #expect(all.coreSeconds == sum.coreSeconds && all.bytes == sum.bytes)
        #expect(all.coreSeconds >= all.seconds)
        #expect(all.coreSeconds <= all.seconds * Double(threads) * 1.000001)
      }
    }
  }

  @Test func predict_smallNetworkInCache_hasNoTraffic() {
    var work = LayerWork()
    work.kernel = .vectorCode4
    work.units = 1000
    work.vectors = 10
    work.weightBytes = 500_000
    work.activationBytes = 1000
    let model = TimeModel(
      rates: TimeModelTests.models[2].rates, bandwidth: 1e9, cache: 1 << 20, cores: 4)
    #expect(model.predict([work], clock: 1500, threads: 1).bytes == 0)
    // Twice the weights do not fit: all of them come from memory, which then sets the time.
    let two = model.predict([work, work, work], clock: 1500, threads: 1)
    #expect(two.bytes == 1_500_000)
    #expect(abs(two.seconds - 1.5e-3) < 1e-9)
  }

  @Test func model_everyBoard_hasRates() throws {
    for name in BoardProfiles.names {
      #expect(TimeModel(try BoardProfiles.named(name)) != nil, "\(name)")
    }
  }
}

/// A linear congruential generator: the tests need no quality, only a fixed sequence.
private struct SystemlessRandom {
  var state: UInt64
  mutating func next(_ below: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(below))
  }
}
