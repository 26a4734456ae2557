import CShims
import SwiftletCore

/// What is asked of a camera.
struct V4L2Wish {
  /// Exact size; 0: the smallest that reaches the minimum.
  var width = 0
  var height = 0
  /// The network's input.
  var minimumWidth = 0
  var minimumHeight = 0
  /// Frames a second; 0: as the driver likes.
  var rate = 0.0
  var format: V4L2Format?

  init(_ options: SourceOptions) {
    width = options.width
    height = options.height
    minimumWidth = options.minimumWidth
    minimumHeight = options.minimumHeight
    if let rate = options.framerate, rate > 0, rate < 1e6 { self.rate = rate }
    format = options.cameraFormat
  }
}

/// One way in which a camera can send frames.
struct V4L2Mode {
  var format: V4L2Format
  var width: Int
  var height: Int
  /// Highest frames a second; 0 if the driver does not say.
  var rate: Double
}

extension V4L2Wish {
  // A driver that never ends its lists must not hold us up.
  static var mostFormats: UInt32 { 64 }
  static var mostSizes: UInt32 { 128 }
  static var mostRates: UInt32 { 64 }

  /// What a driver offers: bit i for the i-th known format, and all names in one text.
  static func offered(_ device: borrowing V4L2Device) throws(SwiftletError) -> (
    formats: Int, names: String
  ) {
    var formats = 0
    var names = ""
    for index in 0..<mostFormats {
      var fourcc: UInt32 = 0
      let status = video_list_format(device.calls, device.file, index, &fourcc)
      if status < 0 {
        if status == -EINVAL || status == -ENOTTY { break }
        throw V4L2Device.error("VIDIOC_ENUM_FMT", status, device.path)
      }
      if let format = V4L2Format(fourcc: fourcc) { formats |= 1 << format.rawValue }
      names += (names.isEmpty ? "" : ", ") + V4L2Format.letters(fourcc)
    }
    // A driver without a list is asked for each.
    if names.isEmpty { return ((1 << V4L2Format.allCases.count) - 1, "no list of formats") }
    return (formats, names)
  }

  /// The best mode among `formats`; nil if they are none.
  func best(_ device: borrowing V4L2Device, formats: Int) -> V4L2Mode? {
    var best: V4L2Mode?
    for format in V4L2Format.allCases where formats >> format.rawValue & 1 != 0 {
      let mode = mode(device, format)
      if let other = best, !isBetter(mode, other) { continue }
      best = mode
    }
    return best
  }

  /// The best size of a format, with its rate.
  private func mode(_ device: borrowing V4L2Device, _ format: V4L2Format) -> V4L2Mode {
    // Without a list of sizes the driver is asked for what is wanted and says what it has.
    var mode = V4L2Mode(
      format: format, width: width > 0 ? width : max(minimumWidth, 16),
      height: height > 0 ? height : max(minimumHeight, 16), rate: 0)
    var isListed = false
    for index in 0..<Self.mostSizes {
      var size = video_size()
      if video_list_size(device.calls, device.file, index, format.fourcc, &size) < 0 { break }
      let offer = V4L2Mode(
        format: format,
        width: Self.fit(
          max(width, minimumWidth), size.width, size.max_width, size.step_width),
        height: Self.fit(
          max(height, minimumHeight), size.height, size.max_height, size.step_height),
        rate: 0)
      guard offer.width <= Image.maxSide, offer.height <= Image.maxSide else { continue }
      if !isListed || isBetter(offer, mode) { mode = offer }
      isListed = true
    }
    mode.rate = Self.rate(device, format.fourcc, mode.width, mode.height)
    return mode
  }

  /// The highest rate of a size; 0 if the driver does not say.
  static func rate(
    _ device: borrowing V4L2Device, _ fourcc: UInt32, _ width: Int, _ height: Int
  ) -> Double {
    var best = 0.0
    for index in 0..<mostRates {
      var rate = 0.0
      let status = video_list_rate(
        device.calls, device.file, index, fourcc, UInt32(width), UInt32(height), &rate)
      if status < 0 { break }
      best = max(best, rate)
    }
    return best
  }

  /// The smallest size of a range that reaches `wanted`.
  private static func fit(_ wanted: Int, _ low: UInt32, _ high: UInt32, _ step: UInt32) -> Int {
    let step = max(1, Int(step))
    let rest = max(0, wanted - Int(low))
    return max(Int(low), min(Int(high), Int(low) + (rest + step - 1) / step * step))
  }

  /// Enough rate first, then colour, then the size, then the order of formats.
  private func isBetter(_ a: V4L2Mode, _ b: V4L2Mode) -> Bool {
    // Ten frames a second are enough where nothing is asked: below, motion is lost.
    let rate = (rate > 0 ? rate : 10) * 0.99
    let isFast = a.rate == 0 || a.rate >= rate
    if isFast != (b.rate == 0 || b.rate >= rate) { return isFast }
    if (a.format == .grey) != (b.format == .grey) { return b.format == .grey }
    let costs = (cost(a), cost(b))
    if costs.0 != costs.1 { return costs.0 < costs.1 }
    return a.format.rawValue < b.format.rawValue
  }

  /// Lower is better: pixels beyond the minimum, or how far the size is from the one asked for.
  private func cost(_ mode: V4L2Mode) -> Int {
    if width > 0 && height > 0 { return abs(mode.width - width) + abs(mode.height - height) }
    let pixels = mode.width * mode.height
    // Too small is worse than any size, and the larger the better then.
    let isEnough = mode.width >= minimumWidth && mode.height >= minimumHeight
    return isEnough ? pixels : 2 * Image.maxSide * Image.maxSide - pixels
  }
}
