import CShims
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletPower
import SwiftletVision

/// Measures on unlabelled photos what a file's dial can do: each photo, the middle of it and the
/// mirror images of both, so that a hundred photos are four hundred pictures, go through the cheap
/// passes and the full one.
struct DialMeasuring: ~Copyable {
  private let folder: PhotoFolder
  private let model: Model
  private var full: Session
  /// Sides that a file is tried at, as shares of its own in sixteenths; below a half a classifier
  /// is lost, above seven eighths nothing is saved (docs/pruning.md).
  static let sides = [9, 10, 11, 12, 13]

  init(_ path: String, _ folder: PhotoFolder) throws(SwiftletError) {
    self.folder = folder
    let model = try Model(mapping: path)
    full = try Session(model, threads: 1)
    self.model = model
  }

  /// The rows of the file itself: of its gates, or of a cheaper pass of its own; none for a network
  /// that does not classify.
  ///
  /// - Parameter side: of the cheaper pass; nil: the one that saves most on these photos.
  mutating func ownRows(
    side: Int?, _ progress: (Double) -> Void
  ) throws(SwiftletError) -> [PruneRow] {
    guard Confidence(full) != nil else { return [] }
    if full.gateCount > 0 { return try gateRows(progress) }
    let image = model.contents.tensors[model.contents.input]
    guard image.width == image.height else { return [] }
    var forms: [(side: Int, bits: Bits)] = []
    let widths: [Bits] = model.contents.hasRefinement ? [.four, .eight] : [full.bits]
    // Whole multiples of 16 keep the strides of common networks even.
    let sides = side.map { [$0] } ?? Self.sides.map { image.width * $0 / 16 / 16 * 16 }
    for side in sides {
      for bits in widths where side >= 32 && !forms.contains(where: { $0 == (side, bits) }) {
        forms.append((side, bits))
      }
    }
    if model.contents.hasRefinement && side == nil { forms.append((image.width, .four)) }
    var best: [PruneRow] = []
    for (i, form) in forms.enumerated() {
      var row = PruneRow()
      row.way = .ownPass
      row.bits = form.bits.rawValue
      row.resolution = form.side == image.width ? 0 : form.side
      var options = SessionOptions(bits: form.bits)
      options.resolution = row.resolution == 0 ? nil : row.resolution
      let session: Session
      do throws(SwiftletError) {
        session = try Session(model, options)
      } catch {
        // The network is bound to its size.
        if error.code == .modelNotResizable && side == nil { continue }
        throw error
      }
      var pass = try FirstPass(session, before: full)
      let rows = try rows(of: &pass, like: row) { progress((Double(i) + $0) / Double(forms.count)) }
      if Self.saving(rows) > Self.saving(best) { best = rows }
    }
    return best
  }

  /// The rows of another file that goes first.
  mutating func rows(
    first path: String, side: Int?, _ progress: (Double) -> Void
  ) throws(SwiftletError) -> [PruneRow] {
    let small = try Model(mapping: path)
    var row = PruneRow()
    row.way = .otherFile
    row.bits = small.contents.hasRefinement ? 8 : 4
    row.partner = small.checksum
    row.resolution = side ?? 0
    var pass = try FirstPass(
      try Session(small, SessionOptions(resolution: side)), before: full)
    return try rows(of: &pass, like: row, progress)
  }

  /// What a set of rows saves where it keeps 95 to 99 % of the answers: there dials are used.
  private static func saving(_ rows: [PruneRow]) -> Double {
    var sum = 0.0
    for dial in [200, 300, 400, 500] {
      var cost: Float = 1
      for row in rows where row.dial <= dial { cost = row.cost }
      sum += 1 - Double(cost)
    }
    return sum
  }

  // MARK: looking at photos

  private mutating func rows(
    of pass: inout FirstPass, like row: PruneRow, _ progress: (Double) -> Void
  ) throws(SwiftletError) -> [PruneRow] {
    var samples: [PassSample] = []
    var firstTimes: [Int64] = []
    var fullTimes: [Int64] = []
    for i in folder.names.indices {
      let image = try Image(path: folder.file(i))
      let middle = try image.middle()
      for view in 0..<4 {
        if view < 2 { full.write(image) } else { full.write(middle) }
        if view % 2 == 1 { full.input.mirror() }
        pass.take(from: full)
        let start = shim_monotonic()
        pass.session.run()
        let between = shim_monotonic()
        full.run()
        fullTimes.append(shim_monotonic() - between)
        firstTimes.append(between - start)
        samples.append(
          PassSample(
            margin: pass.lastMargin,
            agrees: pass.session.output.firstClass == full.output.firstClass))
      }
      progress(Double(i + 1) / Double(folder.names.count))
    }
    let measured = median(firstTimes) / max(median(fullTimes), 1)
    return DialFit.rows(
      samples, firstCost: max(measured, Self.modelled(pass.session, full)), like: row)
  }

  /// The time of one network in that of the other on a Cortex-A72: what saves here has to save on
  /// a board too.
  private static func modelled(_ first: borrowing Session, _ full: borrowing Session) -> Double {
    guard let board = try? BoardProfiles.named("raspberry-pi-4b"), let model = TimeModel(board)
    else { return 0 }
    let one = model.predict(layerWork(first), clock: 1500, threads: 1).seconds
    return one / max(model.predict(layerWork(full), clock: 1500, threads: 1).seconds, 1e-9)
  }

  private mutating func gateRows(_ progress: (Double) -> Void) throws(SwiftletError) -> [PruneRow] {
    // Shifts of the thresholds: scores are trained in units of about one.
    let shifts = stride(from: Float(-3), through: 3, by: 0.25).map { $0 }
    var wrong = [Int](repeating: 0, count: shifts.count)
    var times = shifts.map { _ in [Int64]() }
    var whole: [Int64] = []
    for i in folder.names.indices {
      full.write(try Image(path: folder.file(i)))
      full.setGates(shift: nil)
      whole.append(timed())
      let wanted = full.output.firstClass
      for (s, shift) in shifts.enumerated() {
        full.setGates(shift: shift)
        times[s].append(timed())
        if full.output.firstClass != wanted { wrong[s] += 1 }
      }
      progress(Double(i + 1) / Double(folder.names.count))
    }
    full.setGates(shift: nil)
    // Inputs differ in what they leave alive: the mean of all is what a user pays.
    let all = mean(whole)
    var samples: [GateSample] = []
    for s in shifts.indices {
      samples.append(
        GateSample(
          shift: shifts[s], disagreeing: wrong[s], cost: mean(times[s]) / max(all, 1)))
    }
    return DialFit.rows(samples, photos: folder.names.count)
  }

  private mutating func timed() -> Int64 {
    let start = shim_monotonic()
    full.run()
    return shim_monotonic() - start
  }
}

/// The middle value; 0 of none.
func median(_ values: [Int64]) -> Double {
  values.isEmpty ? 0 : Double(values.sorted()[values.count / 2])
}

/// The mean without the slowest twentieth, which other processes made; 0 of none.
func mean(_ values: [Int64]) -> Double {
  let kept = values.sorted().prefix(max(1, values.count * 19 / 20))
  return values.isEmpty ? 0 : Double(kept.reduce(0, +)) / Double(kept.count)
}

extension Output {
  /// The class of the greatest value, the first of equals; -1 for none.
  var firstClass: Int {
    let ranking = top(1)
    return ranking.count > 0 ? ranking[0].classIndex : -1
  }
}

extension Image {
  /// The middle seven eighths.
  borrowing func middle() throws(SwiftletError) -> Image {
    let (w, h) = (max(1, width * 7 / 8), max(1, height * 7 / 8))
    let part = try Image(width: w, height: h)
    for y in 0..<h {
      let from = pixels + ((y + (height - h) / 2) * width + (width - w) / 2) * 3
      (part.pixels + y * w * 3).update(from: from, count: w * 3)
    }
    return part
  }
}

extension PixelTarget {
  /// Turns the picture's left and right.
  func mirror() {
    for y in 0..<height {
      let row = base + y * line
      for x in 0..<width / 2 {
        let (a, b) = (row + x * 4, row + (width - 1 - x) * 4)
        let left = a.load(as: UInt32.self)
        a.storeBytes(of: b.load(as: UInt32.self), as: UInt32.self)
        b.storeBytes(of: left, as: UInt32.self)
      }
    }
  }
}
