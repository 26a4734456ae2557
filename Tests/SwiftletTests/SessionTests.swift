import Foundation
import Swiftlet
import SwiftletCore
import SwiftletVision
import SwiftletWriter
import TestSupport
import Testing

/// Whole networks: every kernel set, thread count and width of weights gives the same bytes as
/// the scalar reference on one thread.
struct SessionTests {
  /// All outputs of a network after one run on seeded pixels, as bit patterns.
  static func outputs(
    of path: String, isa: String?, threads: Int, bits: Bits? = nil, seed: UInt64 = 7
  ) throws -> [[UInt32]] {
    let model = try Model(mapping: path)
    var session = try Session(model, SessionOptions(threads: threads, isa: isa, bits: bits))
    fill(session.input, seed: seed)
    session.run()
    return (0..<session.outputCount).map { session.output($0).map(\.bitPattern) }
  }

  /// Seeded pixels in the input.
  static func fill(_ target: PixelTarget, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for y in 0..<target.height {
      for x in 0..<target.width {
        for c in 0..<3 {
          let byte = UInt8(truncatingIfNeeded: random.next()) ^ target.xor
          target.base.storeBytes(
            of: byte, toByteOffset: y * target.line + x * 4 + c, as: UInt8.self)
        }
      }
    }
  }

  /// A network as a file that is removed afterwards.
  static func withFile<R>(_ network: QuantizedNetwork, _ body: (String) throws -> R) throws -> R {
    let path = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString).swlt"
    try Data(ModelWriter.write(network)).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  static let names = KernelSets.available().map { "\($0.name)" }

  @Test(arguments: TinyNetworks.all.indices)
  func run_everyKernelSetAndThreadCount_givesTheReferenceBytes(_ index: Int) throws {
    try Self.withFile(TinyNetworks.all[index]) { path in
      for bits in [Bits.four, .eight] {
        let wanted = try Self.outputs(of: path, isa: "reference", threads: 1, bits: bits)
        #expect(wanted.contains { $0.contains { $0 != wanted[0][0] } }, "all outputs are equal")
        for isa in Self.names {
          for threads in [1, 2, 3] {
            let found = try Self.outputs(of: path, isa: isa, threads: threads, bits: bits)
            #expect(found == wanted, "\(isa), \(threads) threads, \(bits)")
          }
        }
      }
    }
  }

  @Test func setThreads_betweenRuns_keepsTheBytes() throws {
    try Self.withFile(TinyNetworks.everything()) { path in
      let wanted = try Self.outputs(of: path, isa: nil, threads: 1)
      let model = try Model(mapping: path)
      var session = try Session(model, threads: 4)
      for threads in [4, 1, 3, 2, 4, 1] {
        session.setThreads(threads)
        #expect(session.threads == threads)
        Self.fill(session.input, seed: 7)
        session.run()
        #expect((0..<session.outputCount).map { session.output($0).map(\.bitPattern) } == wanted)
      }
    }
  }

  @Test func run_again_givesTheSameBytes() throws {
    try Self.withFile(TinyNetworks.everything()) { path in
      let model = try Model(mapping: path)
      var session = try Session(model)
      Self.fill(session.input, seed: 3)
      session.run()
      let first = session.output(1).map(\.bitPattern)
      session.run()
      #expect(session.output(1).map(\.bitPattern) == first)
    }
  }

  @Test func setBits_betweenRuns_equalsASessionMadeWithThem() throws {
    try Self.withFile(TinyNetworks.everything()) { path in
      let four = try Self.outputs(of: path, isa: nil, threads: 1, bits: .four)
      let eight = try Self.outputs(of: path, isa: nil, threads: 1, bits: .eight)
      #expect(four != eight, "the second plane changes nothing")
      let model = try Model(mapping: path)
      var session = try Session(model, SessionOptions(bits: .four))
      Self.fill(session.input, seed: 7)
      for bits in [Bits.eight, .four, .eight] {
        try session.setBits(bits)
        session.run()
        let found = (0..<session.outputCount).map { session.output($0).map(\.bitPattern) }
        #expect(found == (bits == .four ? four : eight))
      }
    }
  }

  @Test func options_outOfRange_areRefusedWithTheCure() throws {
    try Self.withFile(TinyNetworks.single(.add)) { path in
      let model = try Model(mapping: path)
      for threads in [0, -1, 65] {
        #expect(throws: SwiftletError.self) {
          _ = try Session(model, SessionOptions(threads: threads))
        }
      }
      do {
        _ = try Session(model, SessionOptions(isa: "mmx"))
        Issue.record("an unknown kernel set was taken")
      } catch let error as SwiftletError {
        #expect(error.message.contains("reference") && error.message.contains("mmx"))
      }
    }
  }
}
