import CShims
import SwiftletCore

/// A camera that sends frames: format agreed, buffers mapped, streaming. Ends and gives all back
/// when it is let go.
final class V4L2Stream {
  let device: V4L2Device
  let format: V4L2Format
  let width: Int
  let height: Int
  let layout: V4L2Layout
  let matrix: ColorMatrix
  /// Bytes from row to row in the driver's memory; 0 if compressed.
  let line: Int
  /// Frames a second that the driver will send; 0 if it does not say.
  let rate: Double
  /// Whether the driver set the rate that was asked for, or none was asked for.
  let keepsRate: Bool
  private let state: UnsafeMutablePointer<video_stream>

  /// Agrees on a format with the camera and starts it. Throws CAM004, CAM005, CAM007 or CAM008.
  init(
    _ opened: consuming V4L2Device, _ wish: V4L2Wish, _ options: SourceOptions,
    _ counts: UnsafeMutablePointer<video_counts>
  ) throws(SwiftletError) {
    let device = opened
    let agreed = try Self.agree(device, wish)
    let chosen = agreed.chosen
    // Grey sensors send all of 0...255 unless they say otherwise.
    let isFull =
      options.isFullRange || chosen.range == 1 || (chosen.range == 0 && agreed.format == .grey)
    var rate = wish.rate
    let setsRate = video_set_rate(device.calls, device.file, &rate) == 1
    // Within five in a hundred is as asked: 29.97 for 30.
    keepsRate = wish.rate == 0 || (setsRate && rate > 0 && rate <= wish.rate * 1.05)
    state = .allocate(capacity: 1)
    state.initialize(to: video_stream())
    var call: UnsafePointer<CChar>?
    let status = video_start(
      state, device.calls, device.file, agreed.layout.need, counts, &call)
    if status < 0 {
      state.deallocate()
      throw V4L2Device.error(call.map { String(cString: $0) } ?? "", status, device.path)
    }
    self.rate = rate
    format = agreed.format
    width = Int(chosen.width)
    height = Int(chosen.height)
    line = format == .mjpg ? 0 : Int(chosen.line)
    layout = agreed.layout
    matrix = ColorMatrix(
      isBT709: options.isBT709 || chosen.is_bt709 != 0, isFullRange: isFull)
    self.device = device
  }

  deinit {
    video_stop(state)
    state.deallocate()
  }

  /// The newest whole frame: 1, to be given back; 0 if there is none; else -errno.
  func newest(_ frame: inout video_frame) -> Int32 { video_newest(state, &frame) }

  /// Gives a frame back to the driver; -errno if it refuses.
  func giveBack(_ frame: video_frame) -> Int32 { video_return(state, frame.index) }

  private typealias Agreed = (format: V4L2Format, chosen: video_format, layout: V4L2Layout)

  /// Asks for the best mode, and for the next best if the driver answers with something unknown.
  private static func agree(_ device: borrowing V4L2Device, _ wish: V4L2Wish)
    throws(SwiftletError) -> Agreed
  {
    var (formats, names) = try V4L2Wish.offered(device)
    if let format = wish.format { formats &= 1 << format.rawValue }
    while let mode = wish.best(device, formats: formats) {
      var chosen = video_format()
      chosen.fourcc = mode.format.fourcc
      chosen.width = UInt32(mode.width)
      chosen.height = UInt32(mode.height)
      let status = video_set_format(device.calls, device.file, &chosen)
      if status < 0 && status != -EINVAL {
        throw V4L2Device.error("VIDIOC_S_FMT", status, device.path)
      }
      if status >= 0, let format = V4L2Format(fourcc: chosen.fourcc),
        wish.format == nil || format == wish.format, isUsable(chosen),
        let layout = V4L2Layout(
          format, width: Int(chosen.width), height: Int(chosen.height), line: Int(chosen.line))
      {
        return (format, chosen, layout)
      }
      formats &= ~(1 << mode.format.rawValue)
    }
    throw SwiftletError(
      .cameraFormat, place: device.path,
      expected: wish.format?.name ?? "YUYV, NV12, NV21, YU12, MJPG or GREY", found: names)
  }

  private static func isUsable(_ format: video_format) -> Bool {
    let width = Int(format.width)
    let height = Int(format.height)
    return width >= 2 && height >= 2 && width <= Image.maxSide && height <= Image.maxSide
      && width * height <= Image.maxPixels
  }
}
