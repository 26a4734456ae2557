/// What a camera loop has counted and measured so far.
struct CameraCounters: ~Copyable {
  /// Frames that went through the network.
  var results = 0
  /// From a frame's arrival to its result.
  ///
  /// The status line sorts what is kept: a run of days must not cost more each second.
  var ages = Latencies(capacity: 1 << 14)
  /// The network alone.
  var inferences = Latencies(capacity: 1 << 14)
  /// Result lines that stdout had no room for.
  var stdoutDropped = 0
  /// Model files that took the place of the first one.
  var reloads = 0
  /// When the loop began and ended, on the monotonic clock.
  var start: Int64 = 0
  var end: Int64 = 0

  /// Frames that showed nothing new, and those that a first pass answered.
  var held = 0
  var early = 0

  /// Frames left out to hold a lower rate.
  var skipped = 0
  /// Times that an edge woke the loop.
  var wakes = 0
  /// What the camera counted until the last status line; nil for other sources.
  var source: SourceCounts?

  /// Adds one result.
  mutating func add(_ times: FrameTimes) {
    ages.add(times.done - times.captured)
    results += 1
    if times.outcome.isHeld {
      held += 1
      return
    }
    inferences.add(times.inferred - times.converted)
    if times.outcome.exitLevel == 0 { early += 1 }
  }
}

/// Frames as a camera and its driver count them.
struct SourceCounts {
  var captured = 0
  /// Gaps in the driver's sequence numbers.
  var lost = 0
  var damaged = 0
  /// Times it came back after it was away.
  var reconnects = 0
  var isUp = true
}

/// A frame's number and when things happened to it: nanoseconds of the monotonic clock.
package struct FrameTimes {
  package init() {}

  var sequence = 0
  /// It was taken, or came in.
  var captured: Int64 = 0
  /// Its pixels were there.
  var decoded: Int64 = 0
  /// The loop picked it up.
  var taken: Int64 = 0
  /// It lay in the network's input.
  package var converted: Int64 = 0
  /// The network had run.
  package var inferred: Int64 = 0
  /// How much of the network it needed.
  package var outcome = PruneOutcome()
  /// The answers were known.
  var done: Int64 = 0
}

/// Nanoseconds as seconds.
func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
