import Foundation
import SwiftletCommand
import SwiftletVision
import Testing

/// Photos that come with the package or are fetched.
enum SequencePhotos {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let data: URL = {
    let path = ProcessInfo.processInfo.environment["SWIFTLET_DATA"] ?? "../shared/data"
    return URL(filePath: path, relativeTo: root)
  }()
  /// A photo of the package.
  static let cat = root.appending(path: "models/photos/chelsea.jpg").path

  /// The photos of a folder of the data; none, told on stdout, if it is absent.
  static func photos(_ folder: String) -> [String] {
    let path = data.appending(path: "photos/" + folder).path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let found = names.filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") }.sorted()
    if found.isEmpty { print("skipped: no photos in \(path)") }
    return found.map { path + "/" + $0 }
  }
}

/// The generator of sequences, and the gate on what it makes.
struct SequenceTests {
  private func video(
    _ kind: SequenceKind, _ photo: String, _ other: String, sigma: Double = 0, seed: UInt64 = 1
  ) throws -> SequenceVideo {
    try SequenceVideo(
      kind, photo: photo, other: other, sigma: sigma, width: 320, height: 240, seed: seed)
  }

  @Test func frame_sameArguments_sameBytesInAnyOrder() throws {
    let a = try video(.pan(step: 4), SequencePhotos.cat, SequencePhotos.cat, sigma: 2)
    let b = try video(.pan(step: 4), SequencePhotos.cat, SequencePhotos.cat, sigma: 2)
    let seventh = a.frame(7)
    _ = b.frame(3)
    // Results as flags: a failure would print megabytes.
    let isSame = b.frame(7) == seventh
    #expect(isSame)
    let isNextSame = b.frame(8) == seventh
    #expect(!isNextSame)
    let c = try video(.pan(step: 4), SequencePhotos.cat, SequencePhotos.cat, sigma: 2, seed: 2)
    let isSeedIgnored = c.frame(7) == seventh
    #expect(!isSeedIgnored, "another seed, other noise")
    var image = Image()
    try a.render(7, into: &image)
    let isRendered =
      Array(UnsafeBufferPointer(start: image.pixels, count: 320 * 240 * 3)) == seventh
    #expect(isRendered)
  }

  @Test func differs_cleanFrames_tellsWhichBytesDiffer() throws {
    let kinds: [SequenceKind] = [
      .still, .object(side: 16), .pan(step: 4), .cut(at: 5), .pan(step: 0.5),
    ]
    for kind in kinds {
      let clean = try video(kind, SequencePhotos.cat, SequencePhotos.cat)
      let first = clean.frame(4)
      for i in 0..<9 {
        // Both photos are one here: a cut shows nothing.
        if case .cut = kind { continue }
        let differs = clean.frame(i) != first
        #expect(differs == clean.differs(i, from: 4), "\(kind) \(i)")
      }
    }
    let cut = try video(.cut(at: 5), SequencePhotos.cat, SequencePhotos.cat)
    #expect(cut.differs(5, from: 4) && !cut.differs(6, from: 5))
  }

  @Test func flicker_lightAndShadow_moveTheMeanByItsShare() throws {
    let lamp = try video(
      .flicker(share: 0.02, period: 10), SequencePhotos.cat, SequencePhotos.cat)
    func mean(_ i: Int) -> Double {
      lamp.frame(i).reduce(0) { $0 + Double($1) } / Double(320 * 240 * 3)
    }
    let middle = mean(0)
    #expect(abs(mean(2) / middle - 1.019) < 0.003)
    #expect(abs(mean(7) / middle - 0.981) < 0.003)
  }

  @Test func noise_grey_hasTheAskedDeviation() throws {
    for sigma in [1.0, 3.0] {
      let noise = SequenceNoise(sigma: sigma)
      for level in [40, 128, 220] {
        var bytes = [UInt8](repeating: 0, count: 60_000)
        noise.write([Int32](repeating: Int32(level * 256), count: bytes.count), seed: 3, to: &bytes)
        let mean = bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
        let variance =
          bytes.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(bytes.count)
        let expected = sigma * sigma * (0.4 + 0.6 * Double(level) / 128) + 1.0 / 12
        #expect(abs(mean - Double(level)) < 0.05)
        #expect(abs(variance / expected - 1) < 0.05, "\(sigma) at \(level)")
      }
    }
  }

  /// What a gate did with a sequence.
  struct GateRun {
    var frames = 0
    var held = 0
    /// Held although the scene differed from the computed one.
    var wrong = 0
    /// Most frames in a row that were held.
    var longest = 0
    var noise: Float = 0
    /// Frames of the held ones, with the frame whose result they got.
    var holds: [(frame: Int, computed: Int)] = []
  }

  /// Runs `frames` frames through a gate; figures count from `skip` on, where the noise is known.
  static func run(
    _ video: SequenceVideo, _ tolerance: FrameGate.Tolerance = .measured, frames: Int,
    skip: Int = 0, asSamples: Bool = false, before: SequenceVideo? = nil
  ) throws -> GateRun {
    var gate = FrameGate(tolerance)
    var result = GateRun()
    var image = Image()
    if let before {
      for i in 0..<40 {
        if asSamples { image = try before.samples(i) } else { try before.render(i, into: &image) }
        if !gate.isUnchanged(image) { gate.remember(image) }
      }
    }
    var computed = -1
    var row = 0
    for i in 0..<frames {
      if asSamples { image = try video.samples(i) } else { try video.render(i, into: &image) }
      let isHeld = gate.isUnchanged(image)
      if !isHeld {
        gate.remember(image)
        computed = i
      }
      if i < skip { continue }
      result.frames += 1
      row = isHeld ? row + 1 : 0
      if isHeld {
        result.held += 1
        result.longest = max(result.longest, row)
        if computed >= 0 {
          if video.differs(i, from: computed) { result.wrong += 1 }
          result.holds.append((i, computed))
        }
      }
    }
    result.noise = gate.noiseLevel
    return result
  }

  @Test(arguments: [0.0, 1.0, 2.0, 3.0])
  func gate_demoPhotos_holdsStillFramesAlone(_ sigma: Double) throws {
    var photos = SequencePhotos.photos("demo")
    if photos.isEmpty { photos = [SequencePhotos.cat] }
    for (i, photo) in photos.enumerated() {
      let other = photos[(i + 1) % photos.count]
      let name = (photo as NSString).lastPathComponent
      for asSamples in [false, true] {
        let still = try Self.run(
          video(.still, photo, other, sigma: sigma), frames: 40, skip: 8, asSamples: asSamples)
        #expect(still.held >= 31, "\(name): \(still.held) of \(still.frames)")
        // From the first frame on: noise was never seen still.
        let pan = try Self.run(
          video(.pan(step: 4), photo, other, sigma: sigma), frames: 30, asSamples: asSamples)
        #expect(pan.held == 0, "\(name): \(pan.held) of a pan")
        if photos.count == 1 { continue }
        let cut = try Self.run(
          video(.cut(at: 20), photo, other, sigma: sigma), frames: 40, asSamples: asSamples)
        #expect(cut.wrong == 0 && cut.held >= 24, "\(name): \(cut)")
      }
    }
  }

  @Test(arguments: [0.0, 1.0, 2.0, 3.0])
  func gate_drift_isComputedWithinItsBound(_ sigma: Double) throws {
    for step in [0.05, 0.3, 1] {
      let drift = try video(
        .drift(step: step), SequencePhotos.cat, SequencePhotos.cat, sigma: sigma)
      let found = try Self.run(drift, frames: 100)
      for hold in found.holds {
        let shift = Double(hold.frame - hold.computed) * step
        // An eighth of the noise and a quarter level, and what rounding to bytes hides.
        #expect(shift <= 0.125 * Double(found.noise) * 1.1 + 0.25 + 0.5, "\(step) \(hold)")
      }
    }
  }
}
