import SwiftletCore
import SwiftletDevice

extension PruneCurve {
  /// The least percentage of the picture.
  private static let floor = 60.0

  /// Mean time to the right, agreement upward: photos joined by rising dial, sequences as dots.
  func plot() -> TextBuffer {
    var least = 1.0
    var most = 1.0
    for point in photoPoints {
      least = min(least, point.report.agreement)
      most = max(most, point.report.timeRatio)
    }
    for point in sequences {
      least = min(least, point.agreement)
      most = max(most, point.timeRatio)
    }
    // A multiple of 5 below all points; what agrees less is lost and stands at the edge.
    let floor = max(Self.floor, min(95, ((least * 100 - 1) / 5).rounded(.down) * 5))
    let chart = Chart(
      title: "Pruning dial: agreement with the full pass and mean time",
      x: Axis(label: "mean time, full pass = 1", most: most),
      y: Axis(label: "same answer as the full pass, %", least: floor, most: 100))
    var svg = chart.begin()
    chart.join(
      &svg, photoPoints.map { (x: $0.report.timeRatio, y: max(floor, $0.report.agreement * 100)) },
      color: 0)
    var shown = Double.infinity
    for point in photoPoints {
      let (x, y) = (point.report.timeRatio, point.report.agreement * 100)
      chart.dot(
        &svg, x: x, y: max(floor, y), color: point.isRefused ? 7 : 0, radius: 5,
        note: "photos, prune \(fixed(point.dial, 2)): \(fixed(y, 1)) %, time \(fixed(x, 3)), "
          + "\(fixed(point.joules * 1e3, 1)) mJ modelled")
      // Words need room.
      if shown - x > most * 0.06 {
        chart.words(&svg, x: x, y: max(floor, y), fixed(point.dial, 2))
        shown = x
      }
    }
    chart.legend(&svg, row: 0, color: 0, "\(photoPoints.first?.report.photos ?? 0) photos, by dial")
    var row = 1
    if photoPoints.contains(where: \.isRefused) {
      chart.legend(&svg, row: row, color: 7, "slower than dial 0: refused")
      row += 1
    }
    var kind = 0
    var last = ""
    for point in sequences {
      if !isSame(last, point.sequence) {
        last = point.sequence
        // Grey is for what is refused.
        kind += 1
        chart.legend(&svg, row: row, color: kind, "sequence: \(point.sequence)")
        row += 1
      }
      chart.dot(
        &svg, x: point.timeRatio, y: max(floor, point.agreement * 100), color: kind,
        radius: point.dial > 0 ? 4 : 6,
        note: "\(point.sequence), prune \(fixed(point.dial, 2)): "
          + "\(fixed(point.agreement * 100, 1)) %, time \(fixed(point.timeRatio, 3)), "
          + "\(fixed(point.joules * 1e3, 2)) mJ modelled")
    }
    chart.legend(&svg, row: row, color: -1, "large dots of sequences: dial 0")
    if least * 100 < floor {
      chart.legend(&svg, row: row + 1, color: -1, "at the lower edge: below \(fixed(floor, 0)) %")
    }
    chart.end(&svg)
    return svg
  }
}
