import SwiftletCore
import SwiftletDevice
import SwiftletWriter

extension Arguments {
  /// What `--mean --std --bgr --resize` say, for an image of `shape`.
  func preprocessing(_ shape: ImageShape) throws(SwiftletError) -> Preprocessing {
    var out = Preprocessing()
    out.isBGR = isOn(.bgr)
    out.mean = try perChannel(.mean, normally: 0, shape.channels)
    out.std = try perChannel(.std, normally: 1, shape.channels)
    for value in out.std where !(value > 0) {
      throw SwiftletError(
        .badValue, place: Flag.std.written, expected: "numbers above 0", found: "\(value)")
    }
    (out.resize, out.shortSide) = try resize(shape)
    return out
  }

  private func perChannel(_ flag: Flag, normally: Float, _ channels: Int) throws(SwiftletError)
    -> [Float]
  {
    guard let values = numbers(flag) else { return Array(repeating: normally, count: channels) }
    if values.count == 1 { return Array(repeating: Float(values[0]), count: channels) }
    guard values.count == channels else {
      throw SwiftletError(
        .badValue, place: flag.written, expected: "one number, or \(channels) between commas",
        found: "\(values.count)")
    }
    return values.map { Float($0) }
  }

  private func resize(_ shape: ImageShape) throws(SwiftletError) -> (Preprocessing.Resize, Int) {
    let text = text(.resize) ?? "squash"
    let least = max(shape.width, shape.height)
    if text == "squash" { return (.squash, 0) }
    // As networks are usually tested: 256 for an input of 224.
    if text == "crop" { return (.crop, (least * 256 + 112) / 224) }
    if text.hasPrefix("crop:"), let short = Int(text.dropFirst(5)), short >= least, short <= 16384 {
      return (.crop, short)
    }
    throw SwiftletError(
      .badValue, place: Flag.resize.written,
      expected: "squash, crop or crop:SHORT with SHORT from \(least) to 16384", found: text)
  }
}
