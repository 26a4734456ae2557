import Foundation
import Swiftlet
import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// Layers under gates: every kernel set, thread count, width and shift gives the values that plain
/// integer loops over the network in memory give.
struct GateTests {
  static let names = KernelSets.available().map { "\($0.name)" }
  static let shifts: [Float?] = [nil, -.infinity, -1.5, -0.4, 0, 0.3, 1, .infinity, .nan]

  @Test(arguments: names)
  func run_underGates_givesTheValuesOfPlainLoops(_ isa: String) throws {
    for seed: UInt64 in 1...3 {
      let network = TinyNetworks.gated(seed: seed)
      try SessionTests.withFile(network) { path in
        let model = try Model(mapping: path)
        for bits in [Bits.eight, .four] {
          for threads in 1...3 {
            var session = try Session(
              model, SessionOptions(threads: threads, isa: isa, bits: bits))
            SessionTests.fill(session.input, seed: seed)
            for shift in Self.shifts {
              session.setGates(shift: shift)
              session.run()
              let oracle = GateOracle(
                network, seed: seed, isCoarse: bits == .four, shift: shift ?? -.infinity)
              for i in 0..<session.outputCount {
                let wanted = oracle.output(i)
                let found = session.output(i).map(\.bitPattern)
                #expect(
                  found == wanted, "\(isa) \(bits) \(threads) threads, shift \(shift ?? 9), \(i)")
              }
              #expect(abs(session.liveShare - oracle.liveShare) < 1e-9)
            }
          }
        }
      }
    }
  }

  @Test func oracle_overTheShifts_meetsAllKindsOfPatterns() {
    var partly = 0
    var single = 0
    var full = 0
    for seed: UInt64 in 1...3 {
      for shift in Self.shifts {
        let oracle = GateOracle(
          TinyNetworks.gated(seed: seed), seed: seed, isCoarse: false,
          shift: shift ?? -.infinity)
        for gate in oracle.gates {
          let count = gate.reduce(0, +)
          if count == gate.count {
            full += 1
          } else if count == 1 {
            single += 1
          } else {
            partly += 1
          }
        }
      }
    }
    #expect(partly > 10 && single > 20 && full > 20, "\(partly), \(single), \(full)")
  }

  @Test func setGates_more_leavesOutMore() throws {
    try SessionTests.withFile(TinyNetworks.gated()) { path in
      let model = try Model(mapping: path)
      var session = try Session(model)
      #expect(session.gateCount == 6)
      #expect(session.liveShare == 1)
      SessionTests.fill(session.input, seed: 1)
      session.run()
      #expect(session.liveShare == 1)
      let all = session.output(0).map(\.bitPattern)
      session.setGates(shift: .infinity)
      session.run()
      #expect(session.liveShare < 0.75)
      #expect(session.output(0).map(\.bitPattern) != all)
      session.setGates(shift: nil)
      session.run()
      #expect(session.liveShare == 1)
      #expect(session.output(0).map(\.bitPattern) == all)
    }
  }

  @Test func network_withoutGates_hasNone() throws {
    try SessionTests.withFile(TinyNetworks.everything()) { path in
      let model = try Model(mapping: path)
      var session = try Session(model)
      SessionTests.fill(session.input, seed: 1)
      session.run()
      let before = session.output(0).map(\.bitPattern)
      session.setGates(shift: .infinity)
      session.run()
      #expect(session.gateCount == 0 && session.liveShare == 1)
      #expect(session.output(0).map(\.bitPattern) == before)
    }
  }
}
