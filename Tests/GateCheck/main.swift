// What gates save: accuracy, live share and time of a gated network at several shifts, against
// the same network with all groups live and an ungated one. One thread; the networks take turns
// on every photo, so that all meet the same noise.
//
//   GateCheck GATED.swlt UNGATED.swlt PHOTOS LABELS.csv LIMIT SHIFT...
import Foundation
import Swiftlet
import SwiftletCore
import SwiftletVision

/// One photo under one setting.
struct Sample {
  var nanoseconds: Double
  var isRight: Bool
  var live: Double
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

func show(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

/// The best class, the margin to the second by softmax, and the median time of five runs.
func measure(
  _ session: inout Session, _ image: borrowing Image
) -> (best: Int, margin: Double, nanoseconds: Double) {
  session.write(image)
  session.run()  // warms the caches for this network
  var times: [Double] = []
  for _ in 0..<5 {
    let start = ContinuousClock.now
    session.run()
    times.append(Double((ContinuousClock.now - start) / .nanoseconds(1)))
  }
  let values = session.output(0).map { Double($0) }
  let top = values.max() ?? 0
  let powers = values.map { exp($0 - top) }
  let order = powers.indices.sorted { powers[$0] > powers[$1] }
  let margin = (powers[order[0]] - powers[order[1]]) / powers.reduce(0, +)
  return (order[0], margin, median(times))
}

func run(_ arguments: [String]) throws {
  let (folder, limit) = (arguments[2], Int(arguments[4]) ?? 1000)
  let shifts = [nil] + arguments.dropFirst(5).map { Float($0) }
  let lines = try String(contentsOfFile: arguments[3], encoding: .utf8).split(separator: "\n")
  let photos = lines.compactMap { line -> (String, Int)? in
    let cells = line.split(separator: ",")
    return cells.count == 2 ? Int(cells[1]).map { (String(cells[0]), $0) } : nil
  }.prefix(limit)
  let gatedModel = try Model(mapping: arguments[0])
  var gated = try Session(gatedModel)
  let plainModel = try Model(mapping: arguments[1])
  var plain = try Session(plainModel)
  var baseline: [Sample] = []
  var margins: [Double] = []
  var samples = [[Sample]](repeating: [], count: shifts.count)
  for (name, label) in photos {
    let image = try Image(path: folder + "/" + name)
    let found = measure(&plain, image)
    baseline.append(Sample(nanoseconds: found.nanoseconds, isRight: found.best == label, live: 1))
    margins.append(found.margin)
    for (i, shift) in shifts.enumerated() {
      gated.setGates(shift: shift)
      let found = measure(&gated, image)
      samples[i].append(
        Sample(
          nanoseconds: found.nanoseconds, isRight: found.best == label,
          live: Double(gated.liveShare)))
    }
  }
  func line(_ name: String, _ part: [Sample]) {
    let base = mean(baseline.map(\.nanoseconds))
    let time = mean(part.map(\.nanoseconds))
    let right = 100 * mean(part.map { $0.isRight ? 1 : 0 })
    let live = mean(part.map(\.live))
    print(
      "\(name): top-1 \(show(right, 2)) %, live \(show(100 * live, 1)) %, "
        + "mean \(show(time / 1000, 1)) us, median \(show(median(part.map(\.nanoseconds)) / 1000, 1)) us, "
        + "\(show(base / time, 2)) x ungated, time saved \(show(100 * (1 - time / base), 1)) %")
  }
  print("\(photos.count) photos, \(try KernelSets.named(nil).name)")
  line("ungated", baseline)
  for (i, shift) in shifts.enumerated() {
    line(shift.map { "shift \($0)" } ?? "all live", samples[i])
  }
  for (i, shift) in shifts.enumerated() where shift != nil {
    let live = samples[i].map(\.live).sorted()
    let parts = [0.05, 0.25, 0.5, 0.75, 0.95].map { live[Int(Double(live.count - 1) * $0)] }
    var (easy, hard) = ([Sample](), [Sample]())
    for (photo, sample) in samples[i].enumerated() {
      if baseline[photo].isRight && margins[photo] > 0.9 { easy.append(sample) }
      if !baseline[photo].isRight || margins[photo] < 0.5 { hard.append(sample) }
    }
    print(
      "shift \(shift!): live share at 5, 25, 50, 75, 95 % of the photos: "
        + parts.map { show(100 * $0, 0) }.joined(separator: " "))
    line("  \(easy.count) easy", easy)
    line("  \(hard.count) hard", hard)
  }
}

guard CommandLine.arguments.count > 5 else {
  print("use: GateCheck GATED.swlt UNGATED.swlt PHOTOS LABELS.csv LIMIT SHIFT...")
  exit(64)
}
do {
  try run(Array(CommandLine.arguments.dropFirst()))
} catch {
  print("\(error)")
  exit(1)
}
