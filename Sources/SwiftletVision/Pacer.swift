import CShims

/// Lets frames of a recorded or simulated source come at their rate, as a camera's would.
struct Pacer {
  /// Nanoseconds from frame to frame; 0: no pace.
  private let interval: Int64
  private var due: Int64 = 0

  /// A pace of `rate` frames a second; 0 or less means none.
  init(_ rate: Double) {
    interval = rate > 0.001 && rate < 1e6 ? Int64(1e9 / rate) : 0
  }

  /// Sleeps until the next frame is due and returns when that was (monotonic nanoseconds); nil
  /// without a pace. A reader that is late by more than a frame starts a new schedule.
  mutating func wait() -> Int64? {
    if interval == 0 { return nil }
    let now = shim_monotonic()
    due = due == 0 || now > due + 2 * interval ? now : due + interval
    var left = due - now
    while left > 0 {
      shim_sleep(min(left, 1_000_000_000))
      left = due - shim_monotonic()
    }
    return due
  }
}
