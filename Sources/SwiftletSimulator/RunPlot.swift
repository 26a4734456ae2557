import Foundation
import SwiftletPower

/// A run as a picture: watts with their cap, frames a second, temperature, and the points.
public struct RunPlot {
  private let report: RunReport
  private let table: PointTable
  private let limit: Double
  private let title: String
  private var svg = ""

  private static let width = 960.0
  private static let left = 72.0
  private static let right = 16.0
  private static let panel = 150.0
  private static let gap = 46.0
  private static let top = 88.0

  /// `title` is one line about board and goals; `limit` in C, infinite for none.
  public init(_ report: RunReport, table: PointTable, limit: Double, title: String) {
    self.report = report
    self.table = table
    self.limit = limit
    self.title = title
  }

  /// The picture.
  public static func svg(
    _ report: RunReport, table: PointTable, limit: Double, title: String
  ) -> String {
    var plot = RunPlot(report, table: table, limit: limit, title: title)
    plot.draw()
    return plot.svg
  }

  private mutating func draw() {
    let height = Self.top + 4 * (Self.panel + Self.gap)
    svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(height))" \
      width="\(Int(Self.width))" height="\(Int(height))" font-family="sans-serif" font-size="13">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(Int(Self.left))" y="26" font-size="17" font-weight="bold">\(escaped(title))</text>
      <text x="\(Int(Self.left))" y="46" fill="#555555">simulated: every watt, frame and degree \
      is modelled</text>

      """
    let watts = means(report.trace.watts.map(Double.init))
    let caps = report.history.map { ($0.time, $0.cap) }
    let known = caps.compactMap(\.1)
    let most = max(watts.max() ?? 1, known.max() ?? 0)
    let least = min(watts.min() ?? 0, known.min() ?? .infinity)
    panel(
      0, "watts, mean of 1 s", least - 0.1 * (most - least) - 0.05,
      most + 0.1 * (most - least) + 0.05)
    curve(0, seconds(watts), "#1f5fa8")
    if !known.isEmpty {
      steps(0, caps.compactMap { time, cap in cap.map { (time, $0) } }, "#c62828", dashed: true)
      legend(0, [("watts", "#1f5fa8"), ("cap", "#c62828")])
    }

    let rates = means(report.trace.frameCounts.map { Double($0) / SimulatedBoard.tick })
    panel(1, "frames a second", 0, max(rates.max() ?? 1, 1) * 1.1)
    curve(1, seconds(rates), "#2e7d32")

    let celsius = report.trace.celsius.map(Double.init)
    let hot = max(celsius.max() ?? 50, limit < 1e3 ? limit : 0)
    panel(2, "die, C", (celsius.min() ?? 20) - 3, hot + 3)
    curve(2, seconds(celsius), "#ad5b00")
    if limit < 1e3 {
      steps(2, [(0, limit)], "#c62828", dashed: true)
      legend(2, [("temperature", "#ad5b00"), ("limit", "#c62828")])
    }

    let points = Double(max(table.points.count - 1, 1))
    panel(3, "operating point", 0, points)
    steps(3, report.history.map { ($0.time, Double($0.point)) }, "#6a1b9a")
    text(
      Self.left + (Self.width - Self.left - Self.right) / 2, base(3) + 36, "seconds",
      anchor: "middle")
    svg += "</svg>\n"
  }

  // MARK: scales

  private var scales: [(low: Double, high: Double)] = Array(repeating: (0, 1), count: 4)

  private func base(_ number: Int) -> Double {
    Self.top + Double(number) * (Self.panel + Self.gap) + Self.panel
  }

  private func x(_ seconds: Double) -> Double {
    Self.left + seconds / max(report.seconds, 1e-9) * (Self.width - Self.left - Self.right)
  }

  private func y(_ number: Int, _ value: Double) -> Double {
    let (low, high) = scales[number]
    return base(number) - (value - low) / max(high - low, 1e-9) * Self.panel
  }

  /// Means over a second.
  private func means(_ values: [Double]) -> [Double] {
    let window = Int((1 / SimulatedBoard.tick).rounded())
    var sum = 0.0
    return values.indices.map { i in
      sum += values[i]
      if i >= window { sum -= values[i - window] }
      return sum / Double(min(i + 1, window))
    }
  }

  /// At most 1200 values with their times; of each group the greatest, so that no peak is lost.
  private func seconds(_ values: [Double]) -> [(Double, Double)] {
    let group = max(1, (values.count + 1199) / 1200)
    return stride(from: 0, to: values.count, by: group).map { first in
      let part = values[first..<min(first + group, values.count)]
      return (Double(first) * SimulatedBoard.tick, part.max() ?? 0)
    }
  }

  // MARK: marks

  private mutating func panel(_ number: Int, _ name: String, _ low: Double, _ high: Double) {
    let step = niceStep((high - low) / 4)
    scales[number] = (low, high)
    text(Self.left, base(number) - Self.panel - 8, name, weight: "bold")
    svg += """
      <rect x="\(Self.left)" y="\(base(number) - Self.panel)" \
      width="\(Self.width - Self.left - Self.right)" height="\(Self.panel)" fill="none" \
      stroke="#999999"/>

      """
    var value = (low / step).rounded(.up) * step
    while value <= high + 1e-9 {
      line(Self.left, y(number, value), Self.width - Self.right, y(number, value), "#e4e4e4")
      let digits = step < 0.1 ? 2 : step < 1 ? 1 : 0
      text(
        Self.left - 8, y(number, value) + 4, String(format: "%.\(digits)f", value), anchor: "end")
      value += step
    }
    let tick = niceStep(report.seconds / 8)
    var time = 0.0
    while time <= report.seconds + 1e-9 {
      line(x(time), base(number), x(time), base(number) + 5, "#999999")
      text(x(time), base(number) + 19, String(format: "%g", time), anchor: "middle")
      time += tick
    }
  }

  /// 1, 2 or 5 times a power of ten.
  private func niceStep(_ about: Double) -> Double {
    let power = pow(10, floor(log10(max(about, 1e-6))))
    for factor in [1.0, 2, 5] where factor * power >= about { return factor * power }
    return 10 * power
  }

  private mutating func curve(_ number: Int, _ values: [(Double, Double)], _ colour: String) {
    path(values.map { (x($0.0), y(number, $0.1)) }, colour)
  }

  private mutating func steps(
    _ number: Int, _ values: [(Double, Double)], _ colour: String, dashed: Bool = false
  ) {
    var points: [(Double, Double)] = []
    var last: Double?
    for (time, value) in values where value != last {
      if let last { points.append((x(time), y(number, last))) }
      points.append((x(time), y(number, value)))
      last = value
    }
    if let last { points.append((x(report.seconds), y(number, last))) }
    path(points, colour, dashed: dashed)
  }

  private mutating func path(_ points: [(Double, Double)], _ colour: String, dashed: Bool = false) {
    let list = points.map { String(format: "%.1f,%.1f", $0.0, $0.1) }.joined(separator: " ")
    svg += "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\""
    if dashed { svg += " stroke-dasharray=\"6 4\"" }
    svg += " points=\"\(list)\"/>\n"
  }

  private mutating func legend(_ number: Int, _ entries: [(String, String)]) {
    var place = Self.width - Self.right
    for (name, colour) in entries.reversed() {
      text(place, base(number) - Self.panel - 8, name, anchor: "end", colour: colour)
      place -= Double(name.count) * 7.5 + 18
    }
  }

  private mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String
  ) {
    svg += String(
      format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"", x1, y1, x2, y2)
    svg += "\(colour)\"/>\n"
  }

  private mutating func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "start", weight: String = "normal",
    colour: String = "#222222"
  ) {
    svg += String(format: "<text x=\"%.1f\" y=\"%.1f\"", x, y)
    svg += " text-anchor=\"\(anchor)\" font-weight=\"\(weight)\" fill=\"\(colour)\">"
    svg += "\(escaped(words))</text>\n"
  }

  private func escaped(_ words: String) -> String {
    words.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }
}
