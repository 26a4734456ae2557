/// Takes frames at a lower rate than they come: each frame that arrives brings credit by the time
/// since the one before, and a frame worth a whole credit is looked at. The mean rate is exact
/// whatever the camera's own rate is.
struct RatePacer {
  /// Frames a second; 0 or less: every frame.
  var rate = 0.0
  private var credit = 1.0
  private var last: Int64 = 0

  /// Whether the frame taken at `time` (nanoseconds, monotonic) is looked at.
  mutating func takes(_ time: Int64) -> Bool {
    guard rate > 0 else { return true }
    if last > 0 { credit += max(0, Double(time - last) * 1e-9 * rate) }
    last = time
    // Never more than one frame is owed: a pause is no reason for a burst.
    credit = min(credit, 2)
    if credit < 1 { return false }
    credit = min(credit - 1, 1)
    return true
  }
}
