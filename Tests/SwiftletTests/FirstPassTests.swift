import Foundation
import Swiftlet
import SwiftletCore
import SwiftletVision
import SwiftletWriter
import TestSupport
import Testing

/// A cheaper pass before the full one: resolution, margin, and what follows from them.
struct FirstPassTests {
  static let names = KernelSets.available().map { "\($0.name)" }

  private static func outputs(_ session: inout Session, seed: UInt64) -> [UInt32] {
    SessionTests.fill(session.input, seed: seed)
    session.run()
    return session.output(0).map(\.bitPattern)
  }

  @Test func resolution_lower_isTheNetworkWrittenForIt() throws {
    try SessionTests.withFile(TinyNetworks.classifier(side: 40)) { path in
      for side in [16, 24, 29, 64] {
        try SessionTests.withFile(TinyNetworks.classifier(side: side)) { small in
          var own = try Session(try Model(mapping: small), SessionOptions(isa: "reference"))
          let wanted = Self.outputs(&own, seed: 5)
          for isa in Self.names {
            var session = try Session(
              try Model(mapping: path), SessionOptions(threads: 2, isa: isa, resolution: side))
            let input = session.input
            #expect(input.width == side && input.height == side)
            let found = Self.outputs(&session, seed: 5)
            #expect(found == wanted, "\(isa), \(side) pixels")
          }
        }
      }
    }
  }

  @Test func resolution_thatTheNetworkCannotHave_isRefused() throws {
    func refusal(_ network: QuantizedNetwork, _ side: Int) throws -> ErrorCode? {
      try SessionTests.withFile(network) { path in
        let model = try Model(mapping: path)
        do throws(SwiftletError) {
          _ = try Session(model, SessionOptions(resolution: side))
          return nil
        } catch {
          return error.code
        }
      }
    }
    // An input that is no square, a slice of places, and a window larger than its input.
    #expect(try refusal(TinyNetworks.everything(), 8) == .modelNotResizable)
    #expect(try refusal(TinyNetworks.classifier(side: 40), 7) == .modelNotResizable)
    var b = NetworkBuilder("windows", height: 40, width: 40)
    let x = b.convolution(b.network.input, channels: 8, .init(3, stride: 2, pad: 1))
    let mean = b.pool(.averagePool, x, .init(20))
    b.network.outputs = [b.convolution(mean, channels: 5, epilogue: .float)]
    #expect(try refusal(b.network, 32) == .modelNotResizable)
    #expect(try refusal(b.network, 40) == nil)
  }

  /// (z1 - z2) / |w1 - w2| from the weights as they were put in.
  @Test(arguments: [WeightFormat.int8, .code4, .nested8])
  func margin_isTheDistanceOfTheTwoBestClasses(_ format: WeightFormat) throws {
    var margins: Set<Float> = []
    for weights in 3...6 as ClosedRange<UInt64> {
      margins.formUnion(try check(TinyNetworks.classifier(side: 16, format: format, seed: weights)))
    }
    #expect(margins.count > 3)
  }

  /// The margins found, each checked.
  private func check(_ network: QuantizedNetwork) throws -> Set<Float> {
    let layer = network.operators[network.operators.count - 1]
    let constants = try #require(layer.constants)
    let rows = try #require(layer.weights).values(of: 20)
    return try SessionTests.withFile(network) { path in
      var margins: Set<Float> = []
      for seed in 1...6 as ClosedRange<UInt64> {
        var found: Set<Float> = []
        for isa in Self.names {
          var session = try Session(try Model(mapping: path), SessionOptions(isa: isa))
          SessionTests.fill(session.input, seed: seed)
          session.run()
          let values = Array(session.output(0))
          let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
          let (a, b) = (order[0], order[1])
          var square = 0.0
          for (p, q) in zip(rows[a], rows[b]) {
            let d =
              Double(p) * Double(constants.scale[a]) - Double(q) * Double(constants.scale[b])
            square += d * d
          }
          let wanted = Double(values[a] - values[b]) / square.squareRoot()
          let confidence = Confidence(session)
          let margin = try #require(confidence).margin(fourBits: false)
          #expect(abs(Double(margin) - wanted) <= 1e-5 * wanted + 1e-6)
          found.insert(margin)
        }
        #expect(found.count == 1, "kernel sets differ: \(found)")
        margins.formUnion(found)
      }
      return margins
    }
  }

  @Test func margin_atTheEnds_isNeverOrAlwaysTheFullPass() throws {
    try SessionTests.withFile(TinyNetworks.classifier(side: 40)) { path in
      let model = try Model(mapping: path)
      var full = try Session(model, SessionOptions())
      var pass = try FirstPass(
        try Session(model, SessionOptions(bits: .four, resolution: 24)), before: full)
      for seed in 1...4 as ClosedRange<UInt64> {
        SessionTests.fill(pass.session.input, seed: seed)
        pass.margin = 0
        let always = pass.isSure()
        let margin = pass.lastMargin
        pass.margin = margin
        let atIt = pass.isSure()
        pass.margin = margin.nextUp
        let below = pass.isSure()
        pass.margin = .infinity
        let never = pass.isSure()
        #expect(always && atIt && !below && !never)
      }
    }
  }

  @Test func take_fromTheFullPass_copiesOrResamplesItsPixels() throws {
    try SessionTests.withFile(TinyNetworks.classifier(side: 40)) { path in
      let model = try Model(mapping: path)
      var full = try Session(model, SessionOptions())
      SessionTests.fill(full.input, seed: 9)
      // One size: the same pixels, so the same answer at the same bits.
      var same = try FirstPass(try Session(model, SessionOptions()), before: full)
      same.take(from: full)
      same.session.run()
      full.run()
      let wanted = full.output(0).map(\.bitPattern)
      let found = same.session.output(0).map(\.bitPattern)
      #expect(found == wanted)
      // Another size: what the picture itself would become, on every kernel set.
      var picture = try Image(width: 40, height: 40)
      for i in 0..<40 * 40 * 3 { picture.pixels[i] = UInt8(truncatingIfNeeded: i &* i >> 5) }
      var own = try Session(model, SessionOptions(resolution: 24))
      own.write(picture)
      own.run()
      let direct = own.output(0).map(\.bitPattern)
      for isa in Self.names {
        var large = try Session(model, SessionOptions(isa: isa))
        var pass = try FirstPass(
          try Session(model, SessionOptions(isa: isa, resolution: 24)), before: large)
        large.write(picture)
        pass.take(from: large)
        pass.session.run()
        let through = pass.session.output(0).map(\.bitPattern)
        #expect(through == direct, "\(isa)")
      }
    }
  }

  @Test func firstPass_ofAnotherKindOfNetwork_isRefused() throws {
    try SessionTests.withFile(TinyNetworks.classifier(side: 16)) { path in
      try SessionTests.withFile(TinyNetworks.everything()) { other in
        let full = try Session(try Model(mapping: path), threads: 1)
        let session = try Session(try Model(mapping: other), threads: 1)
        var code: ErrorCode?
        do throws(SwiftletError) {
          _ = try FirstPass(session, before: full)
        } catch {
          code = error.code
        }
        #expect(code == .notACascade)
        let isClassifier = Confidence(full) != nil
        #expect(isClassifier)
      }
    }
  }
}

extension QuantizedWeights {
  /// Integer weights of each of `count` output channels.
  fileprivate func values(of count: Int) -> [[Int]] {
    let flat: [Int]
    switch self {
    case .int8(let w): flat = w.map { Int($0) }
    case .code4(let codes, let tables, let channels):
      let each = codes.count / count
      flat = codes.indices.map { Int(tables[$0 / each / channels][Int(codes[$0])]) }
    case .nested8(let coarse, let tables, let fine, let fineTables, let channels):
      let each = coarse.count / count
      flat = coarse.indices.map {
        let table = $0 / each / channels
        return 2 * Int(tables[table][Int(coarse[$0])]) + Int(fineTables[table][Int(fine[$0])])
      }
    }
    let each = flat.count / count
    return (0..<count).map { Array(flat[($0 * each)..<(($0 + 1) * each)]) }
  }
}
