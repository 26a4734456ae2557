import Foundation
import SwiftletDevice
import Testing

struct LatencyTests {
  @Test func percentiles_knownSamples_areTheNearestRank() {
    var latencies = Latencies(capacity: 100)
    for i in (1...100).reversed() { latencies.add(Int64(i)) }
    for (percent, wanted) in [(50.0, 50), (95, 95), (99, 99), (100, 100), (0, 1), (0.5, 1)] {
      let found = latencies.percentile(percent)
      #expect(found == Int64(wanted), "\(percent) %")
    }
    let (least, greatest, count) = (latencies.least, latencies.greatest, latencies.count)
    #expect(least == 1 && greatest == 100 && count == 100)
  }

  @Test func percentiles_noSamples_areNone() {
    var latencies = Latencies()
    let found = latencies.percentile(50)
    #expect(found == nil)
  }

  @Test func percentiles_beyondCapacity_stayThoseOfAll() throws {
    var latencies = Latencies(capacity: 512)
    var random = SplitMix(state: 1)
    for _ in 0..<200_000 { latencies.add(Int64(random.next() % 1000)) }
    latencies.add(5000)
    let (least, greatest, count) = (latencies.least, latencies.greatest, latencies.count)
    #expect(count == 200_001)
    #expect(greatest == 5000 && least == 0)
    let median = latencies.percentile(50)
    let middle = try #require(median)
    // 256 to 512 samples of a uniform law: the median's deviation is about 25.
    #expect((400...600).contains(middle))
  }

  /// A writer that never waits against a reader: what is taken is whole and never older.
  @Test func mailbox_twoThreads_newestWinsAndNothingIsTorn() {
    final class Shared: @unchecked Sendable {
      let mailbox = Mailbox()
      let slots = UnsafeMutablePointer<SIMD2<Int>>.allocate(capacity: 3)
    }
    let shared = Shared()
    let frames = 200_000
    for i in 0..<3 { shared.slots[i] = SIMD2(0, 0) }
    // A thread of its own: the test's pool may have none to spare.
    let writer = Thread {
      var slot = Mailbox.writersFirst
      for n in 1...frames {
        shared.slots[slot] = SIMD2(n, -n)
        slot = shared.mailbox.put(slot)
      }
      shared.mailbox.close()
    }
    writer.start()
    var slot = Mailbox.readersFirst
    var last = 0
    var taken = 0
    while true {
      let ticket = shared.mailbox.ticket
      let isClosed = shared.mailbox.isClosed
      guard let next = shared.mailbox.take(returning: slot) else {
        if isClosed { break }
        shared.mailbox.wait(since: ticket, atMost: 1_000_000)
        continue
      }
      slot = next
      let value = shared.slots[slot]
      #expect(value.x == -value.y && value.x > last)
      last = value.x
      taken += 1
    }
    #expect(last == frames, "the last frame is never lost")
    let dropped = shared.mailbox.dropped
    #expect(taken + dropped == frames)
    shared.slots.deallocate()
  }
}
