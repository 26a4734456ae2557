import Foundation
import Swiftlet
import SwiftletCommand
import SwiftletCore
import SwiftletVision
import Testing

/// Measures what keeping unchanged rows of activations from frame to frame could save at most
/// (docs/decisions/0004-row-reuse.md). Not a test: nothing is expected here.
///
///     SWIFTLET_MEASURE=1 swift test -c release --filter RowReuseMeasurement
@Suite(.enabled(if: measures), .serialized)
struct RowReuseMeasurement {
  /// Rows of the outputs of all steps, as they came out of a run.
  struct Trace {
    /// By tensor: [channels][height][width].
    var values: [Int: [Float]] = [:]
  }

  /// Which rows of a tensor differ.
  static func changedRows(_ a: [Float], _ b: [Float], _ shape: TensorRecord) -> [Bool] {
    var changed = [Bool](repeating: false, count: shape.height)
    for c in 0..<shape.channels {
      for y in 0..<shape.height where !changed[y] {
        let row = (c * shape.height + y) * shape.width
        for x in row..<row + shape.width where a[x] != b[x] {
          changed[y] = true
          break
        }
      }
    }
    return changed
  }

  /// Rows of a step's output that must be computed: those with a changed input row under them.
  static func needed(
    _ step: StepInfo, _ contents: ModelContents, _ changed: [Int: [Bool]]
  ) -> Int {
    let r = step.record
    let height = step.shape.height
    var rows = [Bool](repeating: false, count: height)
    let inputs = [r.inputs.0, r.inputs.1, r.inputs.2, r.inputs.3].filter { $0 >= 0 }
    for (n, input) in inputs.enumerated() {
      guard let from = changed[input] else { continue }
      if from.count == height && (n > 0 || (r.kernelHeight == 1 && r.strideY == 1)) {
        for y in 0..<height where from[y] { rows[y] = true }
      } else if contents.tensors[input].height == 1 || height == 1 {
        if from.contains(true) { rows = [Bool](repeating: true, count: height) }
      } else {
        for y in 0..<height {
          for k in 0..<r.kernelHeight {
            let at = y * r.strideY - r.padTop + k * r.dilationY
            if at >= 0 && at < from.count && from[at] { rows[y] = true }
          }
        }
      }
    }
    return rows.reduce(0) { $0 + ($1 ? 1 : 0) }
  }

  /// The pixels of the network's input.
  static func pixels(_ target: PixelTarget) -> [UInt8] {
    var out: [UInt8] = []
    for y in 0..<target.height {
      let row = UnsafeRawBufferPointer(
        start: target.base + y * target.line, count: target.width * 4)
      out += row
    }
    return out
  }

  /// Puts the old pixels back where a tile of 16 x 16 is within `level` of them and its mean within
  /// a quarter of it: what a tile hold would make of the input. Returns what lies there then.
  static func hold(_ target: PixelTarget, _ old: [UInt8], level: Double) -> [UInt8] {
    let line = target.width * 4
    var new = pixels(target)
    for ty in stride(from: 0, to: target.height, by: 16) {
      for tx in stride(from: 0, to: line, by: 64) {
        var sum = 0
        var signed = 0
        var n = 0
        for y in ty..<min(ty + 16, target.height) {
          for x in tx..<min(tx + 64, line) where x & 3 != 3 {
            let d = Int(new[y * line + x] ^ target.xor) - Int(old[y * line + x] ^ target.xor)
            sum += abs(d)
            signed += d
            n += 1
          }
        }
        let isHeld =
          Double(sum) <= (1.5 * level + 0.5) * Double(n)
          && Double(abs(signed)) <= (0.25 * level + 0.25) * Double(n)
        if !isHeld { continue }
        for y in ty..<min(ty + 16, target.height) {
          for x in tx..<min(tx + 64, line) { new[y * line + x] = old[y * line + x] }
        }
      }
    }
    for y in 0..<target.height {
      for x in 0..<line {
        target.base.storeBytes(
          of: new[y * line + x], toByteOffset: y * target.line + x, as: UInt8.self)
      }
    }
    return new
  }

  /// Share of `times` that a sequence of frames needs, rows unchanged left out.
  static func share(
    _ video: SequenceVideo, _ model: borrowing Model, _ session: inout Session, _ times: [Double],
    frames: Int, holds: Double?, layers: inout [Double]
  ) throws -> Double {
    let contents = model.contents
    var before: Trace?
    var old: [UInt8] = []
    var image = Image()
    var needed = 0.0
    for i in 0..<frames {
      // By then the object is inside the square that the network sees.
      try video.render(i + 60, into: &image)
      session.write(image)
      let last = old
      if let holds, !old.isEmpty {
        old = hold(session.input, old, level: holds)
      } else {
        old = pixels(session.input)
      }
      var trace = Trace()
      session.run { trace.values[$0] = $1 }
      if let before {
        let line = session.input.width * 4
        var rows: [Int: [Bool]] = [:]
        rows[contents.input] = (0..<session.input.height).map {
          old[$0 * line..<($0 + 1) * line] != last[$0 * line..<($0 + 1) * line]
        }
        for s in 0..<session.stepCount {
          let step = session.step(s)
          let part =
            Double(Self.needed(step, contents, rows)) / Double(step.shape.height)
          needed += part * times[s]
          layers[s] += part / Double(frames - 1)
          let output = step.record.output
          guard let a = trace.values[output], let b = before.values[output] else { continue }
          rows[output] = changedRows(a, b, contents.tensors[output])
        }
      }
      before = trace
    }
    return needed / times.reduce(0, +) / Double(frames - 1)
  }

  @Test func bound() throws {
    let photos = SequencePhotos.photos("demo")
    let model = try Model(mapping: GateMeasurement.model)
    var session = try Session(model, threads: 1)
    let steps = session.stepCount
    var best = [Double](repeating: .infinity, count: steps)
    var nanoseconds = [Int64](repeating: 0, count: steps)
    for _ in 0..<60 {
      nanoseconds.withUnsafeMutableBufferPointer { buffer in
        // SAFETY: a network has steps, so the buffer has memory.
        session.runProfiled(buffer.baseAddress.unsafelyUnwrapped)
      }
      for i in 0..<steps { best[i] = min(best[i], Double(nanoseconds[i])) }
    }
    var activations = 0
    for tensor in model.contents.tensors {
      activations += tensor.height * tensor.width * tensor.paddedChannels
    }
    print(
      "steps \(steps), \(Int(best.reduce(0, +) / 1000)) us; activations kept whole \(activations)"
        + " bytes, arena \(session.arenaBytes) bytes")
    let kinds: [(String, SequenceKind)] = [
      ("still", .still), ("object 16", .object(side: 16)), ("object 32", .object(side: 32)),
      ("object 48", .object(side: 48)), ("object 128", .object(side: 128)),
      ("object 240", .object(side: 240)),
    ]
    let rules: [(String, Double, Double?)] = [
      ("clean, exact", 0, nil), ("noise 2, exact", 2, nil), ("noise 2, tile hold", 2, 1.2),
    ]
    for (name, kind) in kinds {
      for (rule, sigma, holds) in rules {
        var sum = 0.0
        var least = 1.0
        var most = 0.0
        var layers = [Double](repeating: 0, count: steps)
        for i in 0..<photos.count {
          let video = try SequenceVideo(
            kind, photo: photos[i], other: photos[(i + 1) % photos.count], sigma: sigma,
            seed: UInt64(i) * 37 + 3)
          let one = try Self.share(
            video, model, &session, best, frames: 6, holds: holds, layers: &layers)
          sum += one
          least = min(least, one)
          most = max(most, one)
        }
        print(
          GateMeasurement.pad(name, 10), GateMeasurement.pad(rule, 20), "time needed",
          GateMeasurement.percent(sum, Double(photos.count)),
          String(format: "(%.1f to %.1f)", least * 100, most * 100))
        if name == "object 32" && rule == "clean, exact" {
          for s in 0..<steps where s % 4 == 0 || s > steps - 6 {
            print(
              "  step \(s) \(session.step(s).shape)",
              GateMeasurement.percent(layers[s], Double(photos.count)),
              String(format: "%.1f us", best[s] / 1000))
          }
        }
      }
    }
  }
}
