import Foundation
import Swiftlet
import SwiftletCore
import SwiftletVision
import TestSupport
import Testing

/// Frames in the caller's memory give what a decoded picture gives.
struct FrameTests {
  /// Seeded RGB888 bytes.
  static func pixels(_ width: Int, _ height: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  static func bits(_ output: Output) -> [[UInt32]] {
    (0..<output.count).map { i in
      let values = output.values(i)
      return (0..<values.count).map { values[$0].bitPattern }
    }
  }

  @Test func run_frameOfAnySize_equalsThePicture() throws {
    try SessionTests.withFile(TinyNetworks.everything()) { path in
      let model = try Model(mapping: path)
      var session = try Session(model, threads: 2)
      var found: [[[UInt32]]] = []
      for (width, height) in [(1, 1), (11, 10), (64, 48), (48, 64), (3, 200), (64, 48)] {
        let bytes = Self.pixels(width, height, seed: UInt64(width))
        var image = try Image(width: width, height: height)
        image.pixels.update(from: bytes, count: bytes.count)
        let wanted = Self.bits(session.run(on: image))
        // Its last byte is the last one that may be read.
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = (bytes.count + page - 1) / page * page
        let memory = try #require(
          mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, size + page) }
        #expect(mprotect(memory + size, page, PROT_NONE) == 0)
        let start = (memory + size - bytes.count).assumingMemoryBound(to: UInt8.self)
        start.update(from: bytes, count: bytes.count)
        let span = Span(_unsafeElements: UnsafeBufferPointer(start: start, count: bytes.count))
        let frame = try Frame(rgb888: span, width: width, height: height)
        let output = session.run(on: frame)
        #expect(Self.bits(output) == wanted, "\(width) x \(height)")
        found.append(wanted)
        image.time = 0
      }
      #expect(found[2] != found[3], "other pixels, other results")
    }
  }

  @Test func frame_wrongCountOfBytes_isRefusedWithBothNumbers() throws {
    let bytes = [UInt8](repeating: 0, count: 64 * 48 * 3)
    for (width, height) in [(64, 47), (65, 48), (0, 48), (-1, 48), (64, 0), (1 << 40, 1 << 40)] {
      do {
        let frame = try Frame(rgb888: bytes.span, width: width, height: height)
        Issue.record("\(frame.width) x \(frame.height) was taken")
      } catch {
        let isSize = error.code == .imageTooLarge
        #expect(isSize || (error.code == .frameSize && error.message.contains("9216 bytes")))
      }
    }
  }

  @Test func output_top_isTheRankingOfItsValues() throws {
    try SessionTests.withFile(TinyNetworks.everything()) { path in
      let model = try Model(mapping: path)
      var session = try Session(model, threads: 1)
      let bytes = Self.pixels(20, 20, seed: 4)
      let output = session.run(on: try Frame(rgb888: bytes.span, width: 20, height: 20))
      #expect(output.count == 3 && output.isProbability(0) && !output.isProbability(1))
      #expect(output.shape(0) == (10, 1, 1))
      let values = output.values()
      var sum: Float = 0
      for i in 0..<values.count { sum += values[i] }
      #expect(abs(sum - 1) < 1e-5)
      let best = output.top(5)
      #expect(best.count == 5)
      for rank in 0..<5 {
        #expect(best[rank].probability == values[best[rank].classIndex])
        if rank > 0 { #expect(best[rank].probability <= best[rank - 1].probability) }
        #expect(model.label(best[rank].classIndex).hasPrefix("class "))
      }
    }
  }
}
