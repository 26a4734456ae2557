/// What is learnt while running: the slow-down of frames, and the offset and gain of the watts.
///
/// `watts = base + leak(T) + bias + gain * dynamic`. Both filters forget by process noise, so
/// their variances stay honest when nothing changes and grow while a sensor is lost.
struct Estimator: Sendable {
  /// Measured over predicted latency, and its variance.
  private(set) var slowdown = 1.0
  private(set) var slowdownVariance = 0.01
  /// Watts beside the model, and the factor on its dynamic part.
  private(set) var bias = 0.0
  private(set) var gain = 1.0
  private var biasVariance: Double
  private var gainVariance: Double
  private var covariance = 0.0
  /// Cores kept busy by other processes.
  private(set) var otherCores = 0.0
  private(set) var otherVariance = 0.0
  /// Deviation of a time from rounding to hundredths of a second, in seconds.
  private static let jiffy = 0.005
  private(set) var trust = SensorTrust()
  private var before = Snapshot()
  private var throttle: Throttle = []
  /// Smoothed error of the readings in standard deviations.
  private var drift = 0.0

  /// The estimate before the readings rose without a cause; a lie that ends goes back there.
  private struct Snapshot: Sendable {
    var bias = 0.0
    var gain = 1.0
    var biasVariance = 0.0
    var gainVariance = 0.0
    var covariance = 0.0
    var age = Double.infinity
  }

  /// Variances a second: of the slow-down, of the bias with and without a sensor, of the gain.
  private static let slowdownNoise = 2e-5
  private static let biasNoise = 2e-5
  private static let biasNoiseAlone = 1e-4
  private static let gainNoise = 2e-6

  init(spread: Double) {
    biasVariance = 0.3 * 0.3
    gainVariance = spread * spread
  }

  /// What ran since the last measurement.
  struct Run {
    /// Seconds of a frame that the table says, at the clock in force.
    var latency = 0.0
    /// Watts above base while a frame is computed.
    var busyWatts = 0.0
    /// Frames a second that were asked for.
    var rate = 0.0
    /// Watts of one other busy core.
    var coreWatts = 0.0
    /// Base and leakage.
    var fixedWatts = 0.0
    /// Seconds since the last measurement.
    var seconds = 0.0
    /// Whether all of that time ran under the same conditions, and its frames began in it.
    var isClear = true
    var isLatencyClear = true
  }

  mutating func update(_ m: Measurement, _ run: Run) {
    slowdownVariance = min(slowdownVariance + Self.slowdownNoise * run.seconds, 1)
    if m.board.throttle != throttle {
      throttle = m.board.throttle
      slowdownVariance += 0.05
    }
    if let latency = m.latency, m.frames > 0, run.latency > 0, run.isLatencyClear {
      follow(latency / run.latency, frames: m.frames)
    }
    let otherBefore = otherCores
    var isJump = false
    if let other = m.board.otherCores { isJump = hear(other, seconds: run.seconds) }

    let isAlone = trust.state != .trusted
    biasVariance += (isAlone ? Self.biasNoiseAlone : Self.biasNoise) * run.seconds
    gainVariance += Self.gainNoise * run.seconds
    before.age += run.seconds
    guard let watts = trust.look(m.board.watts, seconds: run.seconds), run.seconds > 0,
      run.isClear, !isJump
    else { return }
    let share =
      m.busySeconds.map { min($0 / run.seconds, 1) } ?? min(run.rate * run.latency * slowdown, 1)
    let other = m.board.otherCores ?? otherBefore
    learn(
      watts: watts, value: watts - run.fixedWatts,
      dynamic: share * run.busyWatts + other * run.coreWatts, run)
  }

  private mutating func follow(_ ratio: Double, frames: Int) {
    guard ratio > 0.01, ratio < 100 else { return }
    let noise = slowdown * slowdown * (0.0016 / Double(min(frames, 16)) + 1e-4)
    let error = ratio - slowdown
    // Far off: something else began, so the old knowledge is worth little.
    if error * error > 9 * (slowdownVariance + noise) { slowdownVariance += error * error }
    let weight = slowdownVariance / (slowdownVariance + noise)
    slowdown += weight * error
    slowdownVariance *= 1 - weight
  }

  /// `/proc/stat` counts in hundredths of a second. True for a jump: in such a period the watts
  /// may belong to another time, so they are not learnt from.
  private mutating func hear(_ cores: Double, seconds: Double) -> Bool {
    guard seconds > 0 else { return false }
    let noise = Self.jiffy * Self.jiffy / (seconds * seconds)
    let error = min(max(cores, 0), 1024) - otherCores
    otherVariance += 2.5e-5 * seconds
    let isJump = error * error > 9 * (otherVariance + noise)
    if isJump { otherVariance += error * error }
    let weight = otherVariance / (otherVariance + noise)
    otherCores += weight * error
    otherVariance *= 1 - weight
    return isJump && (error > 0.1 || error < -0.1)
  }

  private mutating func learn(watts: Double, value: Double, dynamic d: Double, _ run: Run) {
    let expected = bias + gain * d
    let error = value - expected
    let known = isKnown(value, d)
    let jiffies = otherVariance > 0 ? Self.jiffy / run.seconds * run.coreWatts : 0
    let noise = 1.44e-4 * watts * watts + 1e-4 + jiffies * jiffies
    guard
      trust.accepts(
        jump: error, expected: watts - error, deviation: (variance(d) + noise).squareRoot(),
        known: known, seconds: run.seconds)
    else { return }
    if known && error < -0.12 * watts {
      bias = before.bias
      gain = before.gain
      biasVariance = before.biasVariance
      gainVariance = before.gainVariance
      covariance = before.covariance
      before.age = .infinity
      return
    }
    let spread = variance(d) + noise
    // A jump shows in one reading, a smaller step in the mean of a few; too many watts matter
    // more than too few.
    drift = 0.5 * (drift + error / spread.squareRoot())
    let isDrift = drift > 1.75 || drift < -2.2
    if error * error > 9 * spread || isDrift {
      if isDrift { drift = 0 }
      if error > max(0.12 * watts, 0.2) && before.age > 2 { remember() }
      // A jump is another load: gain is a property of the chip and does not jump.
      biasVariance += error * error
    }
    let biasGain = biasVariance + covariance * d
    let gainGain = covariance + gainVariance * d
    let total = variance(d) + noise
    let left = value - (bias + gain * d)
    bias += biasGain / total * left
    gain += gainGain / total * left
    biasVariance = max(biasVariance - biasGain * biasGain / total, 1e-9)
    covariance -= biasGain * gainGain / total
    gainVariance = max(gainVariance - gainGain * gainGain / total, 1e-9)
    gain = min(max(gain, 0.2), 4)
  }

  private mutating func remember() {
    before = Snapshot(
      bias: bias, gain: gain, biasVariance: biasVariance, gainVariance: gainVariance,
      covariance: covariance, age: 0)
  }

  /// Whether a reading is what the estimate from before the last sudden rise expects.
  private func isKnown(_ value: Double, _ d: Double) -> Bool {
    guard before.age < 3600 else { return false }
    let error = value - (before.bias + before.gain * d)
    return error < 0.1 && error > -0.1
  }

  /// Watts above base and leakage that `dynamic` modelled watts mean.
  func watts(_ dynamic: Double) -> Double { bias + gain * dynamic }

  /// Variance of `watts(dynamic)` from bias and gain.
  func variance(_ d: Double) -> Double {
    max(biasVariance + 2 * d * covariance + d * d * gainVariance, 0)
  }
}
