/// The loop body that the camera command and the simulator share: read, decide, set.
///
/// Its owner calls `step` every 250 ms and `restore` at the end.
public struct Governor<Board: BoardAccess & ~Copyable>: ~Copyable {
  public var board: Board
  public var scheduler: Scheduler
  /// What the board told at the last step.
  public private(set) var reading = BoardReading()
  /// The clock limit that was last seen in force, MHz.
  private var clockInForce: Double?

  public init(board: consuming Board, scheduler: Scheduler) {
    self.board = board
    self.scheduler = scheduler
  }

  /// Reads the board, decides, and sets what changed.
  ///
  /// `frames`, `latency` and `busySeconds` are those since the last step; `apply` switches
  /// network, threads and frame rate, which is in our own hands and cannot be refused. On the way
  /// down it goes before the clock; on the way up the clock goes first, is read back, and a
  /// refusal is decided upon before anything else changes.
  public mutating func step(
    frames: Int, latency: Double?, busySeconds: Double? = nil, apply: (Decision) -> Void
  ) -> Decision {
    var measurement = Measurement()
    measurement.time = board.now
    reading = board.read()
    measurement.board = reading
    measurement.frames = frames
    measurement.latency = latency
    measurement.busySeconds = busySeconds
    if let limit = measurement.board.clockLimit { clockInForce = limit }

    var decision = scheduler.decide(measurement)
    guard let wish = decision.clock, wish > 0, !isInForce(wish) else {
      apply(decision)
      return decision
    }
    let isUpward = wish > (clockInForce ?? 0)
    if !isUpward { apply(decision) }
    let result = board.setClockLimit(wish)
    if let result { clockInForce = result }
    if result == nil || !isInForce(wish) {
      decision = scheduler.refused(inForce: clockInForce ?? 0)
      apply(decision)
    } else if isUpward {
      apply(decision)
    }
    return decision
  }

  private func isInForce(_ clock: Double) -> Bool {
    guard let clockInForce else { return false }
    return clockInForce - clock < 1 && clock - clockInForce < 1
  }

  /// Puts the board back as it was; may be called again.
  public mutating func restore() { board.restore() }
}
