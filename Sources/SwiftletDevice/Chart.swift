/// An axis from 0.
struct Axis {
  let label: String
  let most: Double

  /// A step that gives four to ten marks: 1, 2 or 5 times a power of ten.
  var step: Double {
    var step = 1.0
    while most / step > 10 { step *= 10 }
    while most / step < 1 { step /= 10 }
    if most / step > 5 { return step }
    if most / step > 2.5 { return step / 2 }
    return step / 5
  }

  var decimals: Int { step < 0.095 ? 2 : step < 0.95 ? 1 : 0 }
}

/// A scatter plot as SVG, readable on white without anything from outside.
struct Chart {
  let title: String
  let x: Axis
  let y: Axis

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

  private func px(_ value: Double) -> String { fixed(left + value / (x.most * 1.05) * width, 1) }
  private func py(_ value: Double) -> String {
    fixed(top + height - value / (y.most * 1.05) * height, 1)
  }

  /// Head, grid and axes.
  func begin() -> TextBuffer {
    var svg = TextBuffer(capacity: 16384)
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 480\" ")
    svg.append("font-family=\"sans-serif\" font-size=\"12\">\n")
    svg.append("<rect width=\"760\" height=\"480\" fill=\"white\"/>\n")
    text(&svg, fixed(left, 0), "24", title, "start", size: 15)
    var value = 0.0
    while value <= x.most * 1.05 {
      line(&svg, px(value), fixed(top, 0), px(value), fixed(top + height, 0))
      text(&svg, px(value), fixed(top + height + 18, 0), fixed(value, x.decimals), "middle")
      value += x.step
    }
    value = 0
    while value <= y.most * 1.05 {
      line(&svg, fixed(left, 0), py(value), fixed(left + width, 0), py(value))
      text(&svg, fixed(left - 8, 0), py(value - y.most * 0.011), fixed(value, y.decimals), "end")
      value += y.step
    }
    text(&svg, fixed(left + width / 2, 0), fixed(top + height + 38, 0), x.label, "middle")
    svg.append("<text x=\"16\" y=\"\(fixed(top + height / 2, 0))\" text-anchor=\"middle\" ")
    svg.append("transform=\"rotate(-90 16 \(fixed(top + height / 2, 0)))\">\(y.label)</text>\n")
    return svg
  }

  /// A dot with a note that appears under the pointer.
  func dot(
    _ svg: inout TextBuffer, x: Double, y: Double, color number: Int, radius: Int, note: String
  ) {
    svg.append("<circle cx=\"\(px(x))\" cy=\"\(py(y))\" r=\"\(radius)\" fill=\"\(color(number))\" ")
    svg.append("fill-opacity=\"0.7\"><title>")
    escape(&svg, note)
    svg.append("</title></circle>\n")
  }

  /// A row of the legend at the right.
  func legend(_ svg: inout TextBuffer, row: Int, color number: Int, _ words: String) {
    let at = 60 + row * 20
    svg.append("<circle cx=\"584\" cy=\"\(at - 4)\" r=\"5\" fill=\"\(color(number))\"/>\n")
    text(&svg, "596", "\(at)", words, "start", size: 10)
  }

  func end(_ svg: inout TextBuffer) { svg.append("</svg>\n") }

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
