import CShims
import SwiftletCore

/// A camera of the kernel. After it was unplugged it is looked for again, for ever.
///
/// One thread calls `next` or `attempt`; the counters may be read by any.
public final class V4L2Source: @unchecked Sendable {
  /// As it was asked for: a path or the name of a card.
  public let name: String
  private let options: SourceOptions
  private let wish: V4L2Wish
  private let calls: UnsafePointer<video_calls>
  private let counts: UnsafeMutablePointer<video_counts>
  private var stream: V4L2Stream?
  /// Time until the next look for a lost camera.
  private var pause: Int64
  /// When the last frame came, or the stream was started.
  private var alive: Int64 = 0
  /// When the next frame is wanted, if the rate is kept here.
  private var due: Int64 = 0

  /// The first look comes this long after a loss; each further one after twice the time.
  private static var firstPause: Int64 { 250_000_000 }
  /// The longest: with it a camera that comes back is seen within 1.75 s and sends within 2 s.
  private static var longestPause: Int64 { 1_750_000_000 }
  /// `attempt` waits at most this long for a frame, in milliseconds.
  private static var patience: Int32 { 250 }

  /// Opens a camera: `/dev/videoN` or any path with a slash, else the name of a card or a part of
  /// it. Throws CAM001 and CAM004...CAM008.
  public convenience init(_ name: String, _ options: SourceOptions) throws(SwiftletError) {
    // SAFETY: video_kernel gives the address of a constant.
    try self.init(name, options, calls: video_kernel().unsafelyUnwrapped)
  }

  /// The same with other system calls.
  package init(_ name: String, _ options: SourceOptions, calls: UnsafePointer<video_calls>)
    throws(SwiftletError)
  {
    self.name = name
    self.options = options
    self.calls = calls
    wish = V4L2Wish(options)
    pause = Self.firstPause
    counts = .allocate(capacity: 1)
    counts.initialize(to: video_counts())
    try connect()
  }

  deinit {
    stream = nil
    counts.deallocate()
  }

  /// Pixels in a row as last agreed.
  public private(set) var width = 0
  /// Rows as last agreed.
  public private(set) var height = 0
  /// One line: what was asked of the camera and what it gave; as last agreed.
  public private(set) var agreement = ""

  /// Whether frames come; false from a loss until the first frame after it.
  public var isUp: Bool { video_count(&counts.pointee.up) != 0 }
  /// Frames taken from the driver.
  public var captured: Int { Int(video_count(&counts.pointee.captured)) }
  /// Frames of `captured` that were given back unread: a newer one was there, or a lower rate was
  /// asked for than the driver sends.
  public var dropped: Int { Int(video_count(&counts.pointee.dropped)) }
  /// Frames that the driver itself lost, by its own numbers.
  public var lost: Int { Int(video_count(&counts.pointee.lost)) }
  /// Frames of `captured` that were damaged.
  public var errors: Int { Int(video_count(&counts.pointee.errors)) }
  /// How often the camera came back.
  public var reconnects: Int { Int(video_count(&counts.pointee.reconnects)) }

  /// Waits for the next frame, however long the camera is away; always true. Throws IMG005.
  public func next(into image: inout Image) throws(SwiftletError) -> Bool {
    while try !attempt(into: &image) {}
    return true
  }

  /// Waits a moment for a frame (0.25 s, or while the camera is away up to 1.75 s); false if none
  /// came. `image.sequence` counts all frames of the driver, lost ones included. Throws IMG005.
  public func attempt(into image: inout Image) throws(SwiftletError) -> Bool {
    guard let stream else {
      reconnect()
      return false
    }
    let status = video_poll(calls, stream.device.file, Self.patience)
    if status == -EINTR { return false }
    var frame = video_frame()
    let found = status > 0 ? stream.newest(&frame) : status
    if found < 0 {
      lose()
    } else if found > 0 {
      return try take(frame, stream, into: &image)
    } else {
      let now = video_clock(calls)
      let period = stream.rate > 0.01 ? Int64(1e9 / stream.rate) : 100_000_000
      // A camera that is silent for so long is as good as unplugged.
      if now - alive > 3_000_000_000 + 2 * period { lose() }
      // A driver that calls but has nothing must not keep a core busy.
      if status > 0 { video_sleep(calls, 2_000_000) }
    }
    return false
  }

  private func take(_ frame: video_frame, _ stream: V4L2Stream, into image: inout Image)
    throws(SwiftletError) -> Bool
  {
    alive = video_clock(calls)
    let isWanted = isDue(frame.time, stream)
    var isWhole = false
    if !isWanted {
      video_count_one(&counts.pointee.dropped)
    } else if let samples = stream.layout.format {
      try image.reserve(
        samples, stream.matrix, width: stream.width, height: stream.height, place: name)
      stream.layout.copy(frame.bytes, to: image.memory)
      isWhole = true
    } else {
      let bytes = UnsafeRawBufferPointer(start: frame.bytes, count: frame.size)
      do throws(SwiftletError) {
        try image.decode(
          bytes, place: "", minimumWidth: max(1, options.minimumWidth),
          minimumHeight: max(1, options.minimumHeight))
        isWhole = true
      } catch {
        video_count_one(&counts.pointee.errors)
      }
    }
    if stream.giveBack(frame) < 0 { lose() }
    if !isWhole { return false }
    image.time = frame.time
    image.sequence = captured + lost - 1
    if !isUp && self.stream != nil {
      video_count_set(&counts.pointee.up, 1)
      pause = Self.firstPause
    }
    return true
  }

  /// Whether a frame comes late enough for the rate asked for, where the driver does not keep it.
  private func isDue(_ time: Int64, _ stream: V4L2Stream) -> Bool {
    if stream.keepsRate { return true }
    let interval = Int64(1e9 / wish.rate)
    // Half a frame of the driver too early is nearer than half a frame too late.
    let early = stream.rate > wish.rate ? Int64(5e8 / stream.rate) : interval / 8
    if time < due - early && due - time <= 2 * interval { return false }
    due = time - due > interval || due - time > 2 * interval ? time + interval : due + interval
    return true
  }

  private func lose() {
    stream = nil
    video_count_set(&counts.pointee.up, 0)
  }

  /// Sleeps, then looks for the camera and begins from the start.
  private func reconnect() {
    video_sleep(calls, pause)
    pause = min(2 * pause, Self.longestPause)
    do throws(SwiftletError) {
      try connect()
      video_count_one(&counts.pointee.reconnects)
    } catch {
      // Looked for again after the pause.
    }
  }

  private func connect() throws(SwiftletError) {
    let stream = try V4L2Stream(V4L2Device.named(name, calls), wish, options, counts)
    width = stream.width
    height = stream.height
    agreement = describe(stream)
    alive = video_clock(calls)
    due = 0
    self.stream = stream
  }

  private func describe(_ stream: V4L2Stream) -> String {
    var text = "camera \(stream.device.path) \"\(stream.device.card)\": asked "
    text += wish.format?.name ?? "any format"
    text +=
      wish.width > 0
      ? " \(wish.width)x\(wish.height)"
      : " at least \(wish.minimumWidth)x\(wish.minimumHeight)"
    text += wish.rate > 0 ? " \(Self.rate(wish.rate))" : " any rate"
    text += ", got \(stream.format.name) \(stream.width)x\(stream.height) "
    text += stream.rate > 0 ? Self.rate(stream.rate) : "unknown rate"
    if stream.line > 0 { text += ", \(stream.line) bytes a row" }
    if !stream.keepsRate { text += ", frames are skipped to keep the rate" }
    return text
  }

  /// "30 Hz" or "7.5 Hz".
  private static func rate(_ rate: Double) -> String {
    let tenths = Int(min(rate, 1e6) * 10 + 0.5)
    return tenths % 10 == 0 ? "\(tenths / 10) Hz" : "\(tenths / 10).\(tenths % 10) Hz"
  }
}
