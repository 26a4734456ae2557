/// An axis, normally from 0.
package struct Axis {
  let label: String
  let least: Double
  let most: Double

  package init(label: String, least: Double = 0, most: Double) {
    self.label = label
    self.least = least
    self.most = most
  }

  var span: Double { most - least }
  /// There is a little room beyond the greatest value.
  var end: Double { least + span * 1.05 }
  /// The first mark.
  var first: Double { (least / step).rounded(.up) * step }

  /// A step that gives four to ten marks: 1, 2 or 5 times a power of ten.
  var step: Double {
    var step = 1.0
    while span / step > 10 { step *= 10 }
    while span / step < 1 { step /= 10 }
    if span / step > 5 { return step }
    if span / step > 2.5 { return step / 2 }
    return step / 5
  }

  var decimals: Int { step < 0.095 ? 2 : step < 0.95 ? 1 : 0 }
}

/// A scatter plot as SVG, readable on white without anything from outside.
package struct Chart {
  let title: String
  let x: Axis
  let y: Axis

  package init(title: String, x: Axis, y: Axis) {
    self.title = title
    self.x = x
    self.y = y
  }

  // The frame inside 760 x 480.
  private var left: Double { 64 }
  private var top: Double { 44 }
  private var width: Double { 500 }
  private var height: Double { 380 }

  private static let colors: [StaticString] = [
    "#1f6fb4", "#d1495b", "#2a9d5c", "#e09f1f", "#7b4fa6", "#3aa6a6", "#8c564b", "#555555",
  ]

  private func color(_ i: Int) -> String {
    i < 0 ? "none" : "\(Self.colors[i % Self.colors.count])"
  }

  private func px(_ value: Double) -> String {
    fixed(left + (value - x.least) / (x.span * 1.05) * width, 1)
  }
  private func py(_ value: Double) -> String {
    fixed(top + height - (value - y.least) / (y.span * 1.05) * height, 1)
  }

  /// Head, grid and axes.
  package func begin() -> TextBuffer {
    var svg = TextBuffer(capacity: 16384)
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 480\" ")
    svg.append("font-family=\"sans-serif\" font-size=\"12\">\n")
    svg.append("<rect width=\"760\" height=\"480\" fill=\"white\"/>\n")
    text(&svg, fixed(left, 0), "24", title, "start", size: 15)
    var value = x.first
    while value <= x.end {
      line(&svg, px(value), fixed(top, 0), px(value), fixed(top + height, 0))
      text(&svg, px(value), fixed(top + height + 18, 0), fixed(value, x.decimals), "middle")
      value += x.step
    }
    value = y.first
    while value <= y.end {
      line(&svg, fixed(left, 0), py(value), fixed(left + width, 0), py(value))
      text(&svg, fixed(left - 8, 0), py(value - y.span * 0.011), fixed(value, y.decimals), "end")
      value += y.step
    }
    text(&svg, fixed(left + width / 2, 0), fixed(top + height + 38, 0), x.label, "middle")
    svg.append("<text x=\"16\" y=\"\(fixed(top + height / 2, 0))\" text-anchor=\"middle\" ")
    svg.append("transform=\"rotate(-90 16 \(fixed(top + height / 2, 0)))\">\(y.label)</text>\n")
    return svg
  }

  /// A line from dot to dot.
  package func join(
    _ svg: inout TextBuffer, _ points: [(x: Double, y: Double)], color number: Int
  ) {
    svg.append("<path fill=\"none\" stroke=\"\(color(number))\" d=\"")
    for i in 0..<points.count {
      svg.append(i == 0 ? "M" : "L")
      svg.append("\(px(points[i].x)) \(py(points[i].y))")
    }
    svg.append("\"/>\n")
  }

  /// Small words below a dot.
  package func words(_ svg: inout TextBuffer, x: Double, y: Double, _ words: String) {
    text(&svg, px(x), py(y - self.y.span * 0.045), words, "middle", size: 9)
  }

  /// A dot with a note that appears under the pointer.
  package func dot(
    _ svg: inout TextBuffer, x: Double, y: Double, color number: Int, radius: Int, note: String
  ) {
    svg.append("<circle cx=\"\(px(x))\" cy=\"\(py(y))\" r=\"\(radius)\" fill=\"\(color(number))\" ")
    svg.append("fill-opacity=\"0.7\"><title>")
    escape(&svg, note)
    svg.append("</title></circle>\n")
  }

  /// A row of the legend at the right.
  package func legend(_ svg: inout TextBuffer, row: Int, color number: Int, _ words: String) {
    let at = 60 + row * 20
    svg.append("<circle cx=\"584\" cy=\"\(at - 4)\" r=\"5\" fill=\"\(color(number))\"/>\n")
    text(&svg, "596", "\(at)", words, "start", size: 10)
  }

  package func end(_ svg: inout TextBuffer) { svg.append("</svg>\n") }

  private func line(
    _ svg: inout TextBuffer, _ x1: String, _ y1: String, _ x2: String, _ y2: String
  ) {
    svg.append("<path d=\"M\(x1) \(y1)L\(x2) \(y2)\" stroke=\"#ddd\"/>\n")
  }

  private func text(
    _ svg: inout TextBuffer, _ x: String, _ y: String, _ words: String, _ anchor: String,
    size: Int = 12
  ) {
    svg.append("<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">")
    escape(&svg, words)
    svg.append("</text>\n")
  }

  private func escape(_ svg: inout TextBuffer, _ words: String) {
    for byte in words.utf8 {
      switch byte {
      case UInt8(ascii: "<"): svg.append("&lt;")
      case UInt8(ascii: "&"): svg.append("&amp;")
      default: svg.append(byte: byte)
      }
    }
  }
}
