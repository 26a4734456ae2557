import Foundation
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletPower
import SwiftletWriter
import TestSupport
import Testing

/// From plans to the time model.
struct LayerWorkTests {
  private func work(_ network: QuantizedNetwork, bits: Bits? = nil) throws -> [LayerWork] {
    let path = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString).swlt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(ModelWriter.write(network)).write(to: URL(filePath: path))
    let model = try Model(mapping: path)
    return layerWork(try Session(model, SessionOptions(bits: bits)))
  }

  private func piFour() throws -> TimeModel {
    try #require(TimeModel(BoardProfiles.named("raspberry-pi-4b")))
  }

  @Test func layerWork_everyOperator_takesTime() throws {
    let model = try piFour()
    for code in OperatorCode.allCases {
      for layer in try work(TinyNetworks.single(code)) {
        #expect(layer.vectors > 0, "\(code)")
        let one = model.predict(layer, clock: 1500, threads: 1, streams: true)
        #expect(one.seconds > 0 && one.seconds < 1e-3, "\(code)")
      }
    }
    var seen: Set<KernelClass> = []
    for layer in try work(TinyNetworks.everything()) { seen.insert(layer.kernel) }
    let wanted: Set<KernelClass> = [
      .pixelsInt8, .depthwise3, .windowCode4, .windowNested8, .vectorCode4, .add, .multiply,
      .scaleChannels, .lookup, .maxPool, .averagePool, .globalAverage, .copy, .portable,
    ]
    #expect(seen.isSuperset(of: wanted))
  }

  @Test func layerWork_moreBits_readMoreWeights() throws {
    let nested = NetworkShapes.mobileNetV3Large(format: .nested8)
    let eight = try work(nested, bits: .eight)
    let four = try work(nested, bits: .four)
    #expect(eight.count == four.count)
    for (e, f) in zip(eight, four) {
      #expect(e.weightBytes >= f.weightBytes)
      #expect(e.macs == f.macs && e.vectors == f.vectors)
    }
    let sums = (eight.reduce(0) { $0 + $1.weightBytes }, four.reduce(0) { $0 + $1.weightBytes })
    #expect(sums.0 > 18 * sums.1 / 10 && sums.0 <= 2 * sums.1)
    let model = try piFour()
    let times = [eight, four].map { model.predict($0, clock: 1500, threads: 1) }
    #expect(times[0].bytes > times[1].bytes)
  }

  @Test func layerWork_partsOfThreads_areThoseOfThePlan() throws {
    let network = NetworkShapes.mobileNetV3Large()
    let path = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString).swlt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(ModelWriter.write(network)).write(to: URL(filePath: path))
    let model = try Model(mapping: path)
    let single = layerWork(try Session(model, threads: 1))
    for threads in [2, 3, 4] {
      let session = try Session(model, threads: threads)
      for i in 0..<session.stepCount {
        #expect(Int(single[i].parts[threads - 1]) == session.step(i).parts)
      }
    }
  }

  /// Seen by eye when it changes: kernels, rates or the model did.
  @Test func predict_checkedInModelOnRaspberryPi4B_isAsBefore() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = package.appending(path: "models/efficientnet-lite0-4bit.swlt")
    let layers = layerWork(try Session(try Model(mapping: file.path), threads: 1))
    let model = try piFour()
    let one = model.predict(layers, clock: 1500, threads: 1)
    let four = model.predict(layers, clock: 1500, threads: 4)
    #expect(abs(one.seconds * 1000 - goldenOne) < 0.005 * goldenOne)
    #expect(abs(four.seconds * 1000 - goldenFour) < 0.005 * goldenFour)
    #expect(abs(one.bytes / 1e6 - goldenMegabytes) < 0.01)
  }

  // Milliseconds and megabytes a frame, modelled.
  private let goldenOne = 49.32
  private let goldenFour = 13.39
  private let goldenMegabytes = 5.31
}
