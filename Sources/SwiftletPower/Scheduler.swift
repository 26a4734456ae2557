/// Chooses the operating point: a pure function of what was measured and what it remembers.
///
/// No clock, file, thread or allocation. Every 250 ms `decide` learns from the measurement, works
/// out for each point of the table the frame rate that holds the cap, the temperature limit and
/// the latency, and takes the most useful one. Downward moves are at once, upward ones after a
/// second.
public struct Scheduler: Sendable {
  public let table: PointTable
  /// May be changed between two decisions, for example by a new cap.
  public var goals: Goals
  let power: PowerModel
  let thermalLimit: Double
  private(set) var estimator: Estimator
  private(set) var thermal: ThermalModel
  private var battery: BatteryBudget?

  /// What runs now.
  private(set) var decision = Decision()
  private var hasDecided = false
  private var hasSwitched = false
  private var time = 0.0
  /// Seconds that a better point has been waiting.
  private var waited = 0.0
  /// Upward moves that are still allowed; grows with time so that moves stay rare.
  private var moves = 4.0
  /// Joules over the cap in the readings of the last second, to be saved in the next.
  private var debts = (0.0, 0.0, 0.0)
  /// Seconds for which margins stay wider because the cap was just passed.
  private var caution = 0.0
  /// The clock that stays in force because another one was refused, and until when.
  private var forcedClock: Double?
  private var forcedUntil = 0.0
  /// A clock that the board does not exceed now, throttled or capped by someone else.
  private var clockCeiling = Double.infinity
  private var onlineCores = 0

  /// Seconds before a refused clock is asked for again.
  public static let refusalPause = 5.0
  static let cautionTime = 2.0
  /// Seconds that the temperature is looked ahead, and C kept free below the limit.
  static let lookAhead = 20.0
  static let thermalMargin = 1.0

  /// A scheduler without experience. A table without points decides nothing but point 0.
  public init(table: PointTable, goals: Goals, power: PowerModel, thermal: ThermalFacts) {
    self.table = table
    self.goals = goals
    self.power = power
    thermalLimit = thermal.limit
    estimator = Estimator(spread: power.spread)
    self.thermal = ThermalModel(thermal, watts: power.base)
    battery = BatteryBudget(goals)
  }

  /// The cap in force: that of the user or of the battery.
  public var cap: Double? {
    guard let battery else { return goals.maxWatts }
    return min(battery.cap, goals.maxWatts ?? .infinity)
  }

  /// Measured over predicted latency of a frame, 1: as the table says.
  public var slowdown: Double { estimator.slowdown }
  /// The die temperature that is believed, C.
  public var celsius: Double { thermal.die }

  /// What shall run until the next measurement.
  public mutating func decide(_ measurement: Measurement) -> Decision {
    guard !table.points.isEmpty else { return decision }
    let seconds = hasDecided ? min(max(measurement.time - time, 0), 10) : 0
    time = measurement.time
    // What ran until now ran under the old conditions; a period in which they changed tells
    // nothing about either.
    let ran = cost(of: table.points[decision.point])
    let isClear = !notice(measurement)
    learn(measurement, ran, isClear: isClear, seconds: seconds)
    moves = min(moves + 0.17 * seconds, 6)
    choose(seconds: seconds)
    return decision
  }

  /// Tells that a clock was refused and which one stays in force; decides again with that.
  public mutating func refused(inForce: Double) -> Decision {
    forcedClock = inForce > 0 ? inForce : power.topClock
    forcedUntil = time + Self.refusalPause
    guard !table.points.isEmpty else { return decision }
    choose(seconds: 0)
    if decision.concession < .infeasible { decision.reason = .refusal }
    return decision
  }

  // MARK: learning

  /// Takes over clocks and cores; whether the board changed them.
  private mutating func notice(_ m: Measurement) -> Bool {
    let before = (clockCeiling, onlineCores)
    if time >= forcedUntil { forcedClock = nil }
    if m.isClockRefused {
      forcedClock = m.board.clockLimit ?? m.board.clock ?? power.topClock
      forcedUntil = time + Self.refusalPause
    }
    let slow: Throttle = [.clockCapped, .throttled, .softLimit]
    clockCeiling = .infinity
    if !m.board.throttle.isDisjoint(with: slow), let clock = m.board.clock, clock > 0 {
      clockCeiling = clock
    }
    onlineCores = m.board.onlineCores
    return before != (clockCeiling, onlineCores)
  }

  private mutating func learn(
    _ m: Measurement, _ cost: Cost, isClear: Bool, seconds: Double
  ) {
    var run = Estimator.Run()
    run.latency = cost.latency / estimator.slowdown
    run.busyWatts = cost.joules / max(run.latency, 1e-6)
    run.rate = decision.rate
    run.coreWatts = power.coreWatts(at: cost.clock)
    run.fixedWatts = power.base + power.leakage(at: m.board.celsius ?? thermal.die)
    run.seconds = seconds
    // A frame that began before the last switch tells nothing about the point that runs now.
    run.isLatencyClear = hasDecided && isClear && (!hasSwitched || m.frames > 2)
    run.isClear = isClear
    hasSwitched = false
    estimator.update(m, run)

    let isTrusted = estimator.trust.state == .trusted
    let drawn = isTrusted ? m.board.watts ?? decision.watts : decision.watts
    if hasDecided {
      battery?.spend(watts: drawn, seconds: seconds)
      if seconds > 0 {
        thermal.step(watts: drawn, seconds: seconds)
        if let celsius = m.board.celsius { thermal.correct(measured: celsius, seconds: seconds) }
      }
      let debt = isTrusted && decision.cap != nil ? (drawn - (decision.cap ?? 0)) * seconds : 0
      debts = (debts.1, debts.2, debt)
    } else {
      if let celsius = m.board.celsius, thermal.isKnown {
        // Whatever ran before: the die tells how warm the board is.
        thermal.board += celsius - thermal.die
        thermal.die = celsius
      }
    }
  }

  // MARK: choosing

  /// What a point costs at the clock in force.
  struct Cost {
    var clock = 0.0
    /// Seconds of a frame, slow-down included.
    var latency = 0.0
    /// The same for the longest frames.
    var worst: Double { latency * excess }
    /// Longest over mean.
    var excess = 1.0
    /// Modelled joules of an undisturbed frame.
    var joules = 0.0
  }

  func cost(of point: OperatingPoint) -> Cost {
    let own = point.clock > 0 ? point.clock : power.topClock
    var cost = Cost(clock: own, latency: point.latency * estimator.slowdown, joules: 0)
    cost.joules = point.rate > 0 ? point.dynamicWatts / point.rate : 0
    if point.worstLatency > point.latency { cost.excess = point.worstLatency / point.latency }
    let actual = min(forcedClock ?? own, clockCeiling)
    if actual != own && actual > 0 {
      cost.clock = actual
      cost.latency *= own / actual
      let v = power.volts(at: actual) / power.volts(at: own)
      cost.joules *= v * v
    }
    if onlineCores > 0 && onlineCores < point.threads {
      cost.latency *= Double(point.threads) / Double(onlineCores)
    }
    return cost
  }

  /// How far a point gives up what was asked; lower is better.
  enum Level: UInt8, Comparable {
    case allMet
    case belowAccuracy
    case belowRate
    case overCap

    static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// A point with the rate at which it fits.
  struct Choice {
    var point = 0
    var rate = 0.0
    var level = Level.overCap
    var utility = 0.0
    var watts = 0.0
    var deviation = 0.0
    var bound = Reason.best

    /// Better: nearer to the goals, then more useful, then fewer watts.
    func beats(_ other: Choice) -> Bool {
      if level != other.level { return level < other.level }
      if level == .overCap { return watts < other.watts }
      let least = 1e-6 * max(utility, other.utility)
      if utility > other.utility + least { return true }
      return utility > other.utility - least && watts < other.watts
    }
  }

  /// The limits of one decision, the same for all points.
  struct Limits {
    /// Watts that may be drawn, before the margin for what is not known.
    var watts = Double.infinity
    /// Watts with which the die stays cool.
    var coolWatts = Double.infinity
    /// Standard deviations kept below `watts`, and watts beside them.
    var deviations = 1.5
    var margin = 0.02
    var load = PointBuilder.fullLoad
    /// Watts without any frame.
    var fixed = 0.0
    /// Cores that other processes keep busy, at the clock that runs.
    var otherCores = 0.0
    var clock = 0.0
    var wantedRate = 0.0
    var floorRate = 0.0
    var leastRate = 0.0
  }

  private func limits() -> Limits {
    var limits = Limits()
    let limit = min(
      goals.maxCelsius ?? .infinity, thermalLimit > 0 ? thermalLimit : Double.infinity)
    if limit < .infinity && thermal.isKnown {
      limits.coolWatts = thermal.allowance(
        limit: limit - Self.thermalMargin, seconds: Self.lookAhead)
    }
    if let cap { limits.watts = cap }
    limits.fixed = power.base + power.leakage(at: thermal.die)
    limits.otherCores = estimator.otherCores
    limits.clock = cost(of: table.points[decision.point]).clock
    limits.floorRate = goals.minRate ?? 0
    limits.wantedRate = goals.wantedRate ?? goals.minRate ?? table.wantedRate
    limits.leastRate = table.lowestRate
    return limits
  }

  /// Modelled watts of other processes at another clock: a whole core is taken to be computing
  /// all the time, a part of one to do the same work at any clock.
  private func otherWatts(_ cores: Double, at clock: Double, now: Double) -> Double {
    guard cores > 0 else { return 0 }
    let before = power.coreWatts(at: now)
    let v = power.volts(at: clock) / power.volts(at: now)
    let whole = cores.rounded(.down)
    return whole * max(power.coreWatts(at: clock), before)
      + (cores - whole) * before * max(v * v, 1)
  }

  /// The point at the highest rate that fits, or at its lowest.
  private func fit(_ index: Int, _ limits: Limits, atMost: Double = .infinity) -> Choice {
    let point = table.points[index]
    let cost = cost(of: point)
    var choice = Choice(point: index)
    var rate = min(point.rate, limits.load / cost.latency, atMost)
    if rate > limits.wantedRate { rate = limits.wantedRate }
    if rate < min(point.rate, atMost) * 0.999 && rate < limits.wantedRate {
      choice.bound = .latency
    }
    let other = otherWatts(limits.otherCores, at: cost.clock, now: limits.clock)
    let perFrame = cost.joules * estimator.slowdown
    let slope = estimator.gain * perFrame
    let fixed = limits.fixed + estimator.watts(other)
    let slowVariance =
      estimator.slowdownVariance / (estimator.slowdown * estimator.slowdown)

    let otherCore = estimator.gain * otherWatts(1, at: cost.clock, now: limits.clock)
    let otherVariance = otherCore * otherCore * estimator.otherVariance

    func deviation(_ rate: Double) -> Double {
      let d = perFrame * rate
      let moving = estimator.gain * d
      return (estimator.variance(d + other) + moving * moving * slowVariance + otherVariance)
        .squareRoot()
    }

    var sigma = deviation(rate)
    let free = limits.watts - limits.margin - fixed
    if slope * rate + limits.deviations * sigma > free {
      choice.bound = .watts
      // The deviation falls with the rate: three rounds come close, from below.
      for _ in 0..<3 where slope > 0 {
        rate = min(rate, max((free - limits.deviations * sigma) / slope, 0))
        let next = deviation(rate)
        if next >= sigma { break }
        sigma = next
        rate = min(point.rate, limits.load / cost.latency, limits.wantedRate, atMost)
        rate = min(rate, max((free - limits.deviations * sigma) / slope, 0))
      }
      sigma = deviation(rate)
      while rate > 0 && slope * rate + limits.deviations * sigma > free + 1e-9 {
        rate = rate > 0.01 ? rate * 0.99 : 0
        sigma = deviation(rate)
      }
    }
    if fixed + slope * rate > limits.coolWatts {
      choice.bound = .temperature
      rate = min(rate, max((limits.coolWatts - fixed) / max(slope, 1e-9), 0))
    }
    var fits = true
    if rate < limits.leastRate * 0.999 {
      rate = min(limits.leastRate, point.rate)
      fits = limits.load / cost.latency >= rate && choice.bound == .latency
    }
    choice.rate = rate
    choice.deviation = deviation(rate)
    choice.watts = fixed + slope * rate
    let wanted = limits.wantedRate
    choice.utility = point.accuracy * (wanted > 0 ? min(1, rate / wanted) : 1)
    if !fits {
      choice.level = .overCap
    } else if rate < limits.floorRate * 0.999 || cost.worst > (goals.maxLatency ?? .infinity) {
      choice.level = .belowRate
    } else if point.accuracy < (goals.minAccuracy ?? 0) {
      choice.level = .belowAccuracy
    } else {
      choice.level = .allMet
    }
    return choice
  }

  private mutating func choose(seconds: Double) {
    var strict = limits()
    // What was drawn too much in this second is saved in its rest.
    let debt = debts.0 + debts.1 + debts.2
    if debt > 0.01 { caution = Self.cautionTime }
    if debt > (caution > 0 ? 0.002 : 0.01) { strict.watts -= min(2.5 * debt, 0.5) }
    let isCareful = caution > 0
    if isCareful {
      strict.deviations *= 1.5
      caution -= seconds
    }
    var best = fit(0, strict)
    for i in 1..<table.points.count {
      let choice = fit(i, strict)
      if choice.beats(best) { best = choice }
    }
    guard hasDecided else {
      hasDecided = true
      take(best, best.bound)
      return
    }

    // What runs may go on with half of the margin, or every breath of noise would move it.
    var loose = strict
    loose.deviations *= isCareful ? 0.8 : 0.5
    loose.margin *= isCareful ? 0.8 : 0.5
    loose.load = 0.975
    loose.coolWatts += coolSlack
    let current = fit(decision.point, loose, atMost: decision.rate)
    let holds = current.rate >= decision.rate * 0.999
    if !holds || current.level > best.level && current.level == .overCap {
      waited = 0
      moves = max(moves - 1, -3)
      take(best, holds ? best.bound : current.bound)
      return
    }
    let isBetter =
      best.level < current.level
      || best.level == current.level
        && (best.utility > current.utility * 1.004
          || best.utility >= current.utility * 0.9999 && best.watts < current.watts - 0.04)
    guard isBetter else {
      waited = 0
      keep(current, best.bound == .best || best.point != current.point ? .best : best.bound)
      return
    }
    waited += seconds
    let isLarge = best.utility > current.utility * 1.1 || best.level < current.level
    guard waited >= 0.999, moves >= (isLarge ? -2 : 1) else {
      keep(current, .holding)
      return
    }
    waited = 0
    moves -= 1
    take(best, .best)
  }

  /// Watts that half a kelvin more would allow.
  private var coolSlack: Double {
    guard thermal.isKnown else { return 0 }
    let one = thermal.allowance(limit: 1, seconds: Self.lookAhead)
    let half = thermal.allowance(limit: 1.5, seconds: Self.lookAhead)
    return half - one
  }

  private mutating func take(_ choice: Choice, _ reason: Reason) {
    hasSwitched = choice.point != decision.point
    decision.point = choice.point
    decision.rate = choice.rate
    tell(choice, reason)
  }

  private mutating func keep(_ choice: Choice, _ reason: Reason) { tell(choice, reason) }

  private mutating func tell(_ choice: Choice, _ reason: Reason) {
    let point = table.points[decision.point]
    decision.watts = choice.watts
    decision.deviation = choice.deviation
    decision.cap = cap
    decision.clock = forcedClock == nil ? point.clock : nil
    decision.source = estimator.trust.state == .trusted ? .measured : .modelled
    decision.concession = concession(choice, point)
    decision.reason = reason
    if reason == .best && choice.rate < point.rate * 0.999 { decision.reason = .dither }
  }

  private func concession(_ choice: Choice, _ point: OperatingPoint) -> Concession {
    switch choice.level {
    case .overCap, .belowRate: return .infeasible
    case .belowAccuracy: return .accuracy
    case .allMet: break
    }
    if point.accuracy < table.bestAccuracy - 1e-9 { return .network }
    if point.prune > table.leastPrune + 1e-9 { return .pruning }
    if point.resolution < table.bestResolution { return .resolution }
    let wanted = goals.wantedRate ?? goals.minRate ?? table.wantedRate
    return decision.rate < wanted * 0.999 ? .rate : .none
  }
}

extension Concession: Comparable {
  public static func < (a: Concession, b: Concession) -> Bool { a.rawValue < b.rawValue }
}
