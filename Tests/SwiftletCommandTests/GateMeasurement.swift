import CShims
import Foundation
import Swiftlet
import SwiftletCommand
import SwiftletCore
import SwiftletDevice
import SwiftletPower
import SwiftletVision
import Testing

/// Whether measurements run: they print figures and take minutes.
let measures = ProcessInfo.processInfo.environment["SWIFTLET_MEASURE"] != nil

/// Prints what the frame gate does and costs. Not tests: nothing is expected here.
///
///     SWIFTLET_MEASURE=1 swift test -c release --filter GateMeasurement
@Suite(.enabled(if: measures), .serialized)
struct GateMeasurement {
  static let model = SequencePhotos.root.appending(path: "models/efficientnet-lite0-4bit.swlt").path

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func percent(_ part: Double, _ whole: Double) -> String {
    String(format: "%6.1f %%", whole > 0 ? part / whole * 100 : 0)
  }

  @Test func holds() throws {
    let photos = SequencePhotos.photos("demo")
    let kinds: [(String, SequenceKind)] = [
      ("still", .still), ("object 16", .object(side: 16)), ("object 32", .object(side: 32)),
      ("object 48", .object(side: 48)), ("pan 4", .pan(step: 4)), ("pan 1", .pan(step: 1)),
      ("pan 0.25", .pan(step: 0.25)), ("cut", .cut(at: 30)), ("drift 0.05", .drift(step: 0.05)),
      ("drift 0.3", .drift(step: 0.3)), ("drift 1", .drift(step: 1)),
      ("flicker", .flicker(share: 0.02, period: 10)),
    ]
    for asSamples in [false, true] {
      print(
        "\(asSamples ? "YUYV" : "RGB"), \(photos.count) photos, 50 frames: held, wrong holds,"
          + " most in a row, for noise 0 1 2 3")
      for (name, kind) in kinds {
        var line = Self.pad(name, 12)
        for sigma in [0.0, 1, 2, 3] {
          var sum = SequenceTests.GateRun()
          for i in 0..<photos.count {
            let other = photos[(i + 1) % photos.count]
            let video = try SequenceVideo(kind, photo: photos[i], other: other, sigma: sigma)
            let skip = name == "still" ? 8 : 0
            let run = try SequenceTests.run(video, frames: 50, skip: skip, asSamples: asSamples)
            sum.frames += run.frames
            sum.held += run.held
            sum.wrong += run.wrong
            sum.longest = max(sum.longest, run.longest)
          }
          line += Self.percent(Double(sum.held), Double(sum.frames))
          line += Self.pad(" \(sum.wrong) \(sum.longest)", 8) + " |"
        }
        print(line)
      }
    }
  }

  /// Least and middle of `times` in microseconds.
  static func summary(_ times: [Int64]) -> String {
    let sorted = times.sorted()
    return String(
      format: "%8.1f us (least %.1f)", Double(sorted[sorted.count / 2]) / 1000,
      Double(sorted[0]) / 1000)
  }

  @Test func cost() throws {
    let photo = SequencePhotos.cat
    let model = try Model(mapping: Self.model)
    var session = try Session(model, threads: 1)
    print("640 x 480, one thread, \(session.isaName)")
    for asSamples in [true, false] {
      for (name, kind) in [("still", SequenceKind.still), ("pan", .pan(step: 4))] {
        let video = try SequenceVideo(kind, photo: photo, other: photo, sigma: 2)
        for tolerance in [FrameGate.Tolerance.exact, .measured] {
          var gate = FrameGate(tolerance)
          var compare: [Int64] = []
          var remember: [Int64] = []
          var write: [Int64] = []
          var infer: [Int64] = []
          var image = Image()
          for i in 0..<60 {
            if asSamples { image = try video.samples(i) } else { try video.render(i, into: &image) }
            let t0 = shim_monotonic()
            let isHeld = gate.isUnchanged(image)
            let t1 = shim_monotonic()
            if i >= 10 { compare.append(t1 - t0) }
            if !isHeld {
              gate.remember(image)
              if i >= 10 || remember.isEmpty { remember.append(shim_monotonic() - t1) }
            }
            let t2 = shim_monotonic()
            session.write(image)
            let t3 = shim_monotonic()
            session.run()
            let t4 = shim_monotonic()
            write.append(t3 - t2)
            infer.append(t4 - t3)
          }
          print(
            "\(asSamples ? "YUYV" : "RGB ") \(name) \(tolerance): compare", Self.summary(compare),
            "remember", Self.summary(remember), "convert", Self.summary(write), "run",
            Self.summary(infer))
        }
      }
    }
  }

  /// The held answer against that of a run on each held frame.
  @Test func answers() throws {
    let model = try Model(mapping: Self.model)
    var session = try Session(model, threads: 1)
    let photos = SequencePhotos.photos("demo") + SequencePhotos.photos("foolbox")
    func top(_ image: borrowing Image) -> Int {
      session.write(image)
      session.run()
      let values = session.output(0)
      var best = 0
      for i in 1..<values.count where values[i] > values[best] { best = i }
      return best
    }
    for sigma in [1.0, 2, 3] {
      var frames = 0
      var held = 0
      var equal = 0
      var steady = 0
      var flips: [String] = []
      for photo in photos {
        let video = try SequenceVideo(.still, photo: photo, other: photo, sigma: sigma)
        var gate = FrameGate(.measured)
        var image = Image()
        var answer = -1
        var wrong = 0
        var last = -1
        for i in 0..<24 {
          try video.render(i, into: &image)
          let isHeld = gate.isUnchanged(image)
          let own = top(image)
          if i > 0 && own == last { steady += 1 }
          last = own
          if !isHeld {
            gate.remember(image)
            answer = own
          } else {
            held += 1
            if own == answer { equal += 1 } else { wrong += 1 }
          }
          frames += 1
        }
        if wrong > 0 { flips.append("\((photo as NSString).lastPathComponent) \(wrong)") }
      }
      print(
        "noise \(sigma), \(photos.count) photos: \(held) of \(frames) held, the same answer in",
        Self.percent(Double(equal), Double(held)), "; without a gate the frame before had it in",
        Self.percent(Double(steady), Double(frames - photos.count)), flips)
    }
  }

  /// Joules of a frame of 640 x 480 YUYV on a Raspberry Pi 4B (`FrameEnergy`).
  @Test func energy() throws {
    let bytes = 614_400
    let energy = try FrameEnergy(try BoardProfiles.named("raspberry-pi-4b"))
    let model = try Model(mapping: Self.model)
    let inference = energy.run(layerWork(try Session(model, threads: 1)))
    let convert = energy.conversion(of: bytes)
    let hold = energy.hold(of: bytes)
    let without = inference + convert
    print(
      String(
        format: "inference %.2f mJ, conversion %.2f mJ, held frame %.3f mJ: %.1f times fewer",
        inference * 1e3, convert * 1e3, hold * 1e3, without / hold))
    print(
      String(
        format: "a panning frame costs %.2f %% more", energy.remembering(of: bytes) / without * 100)
    )
    let base = energy.power.base
    for rate in [5.0, 15] {
      print(
        String(
          format: "whole board with camera at %.0f frames/s: %.2f W without, %.2f W with; %.1f"
            + " and %.1f mJ a frame", rate, base + rate * without, base + rate * hold,
          (base / rate + without) * 1e3, (base / rate + hold) * 1e3))
    }
  }
}
