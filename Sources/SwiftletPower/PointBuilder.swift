/// How long a network takes with so many threads at a clock, measured or modelled.
public struct TimeFacts: Sendable {
  public var threads: Int
  /// MHz.
  public var clock: Double
  /// Seconds from pixels to result, in the mean.
  public var latency: Double
  /// Seconds of the longest frames: those that a first pass could not answer.
  public var worstLatency: Double
  /// Busy core-seconds of a frame.
  public var coreSeconds: Double

  public init(threads: Int, clock: Double, latency: Double, coreSeconds: Double) {
    self.threads = threads
    self.clock = clock
    self.latency = latency
    worstLatency = latency
    self.coreSeconds = coreSeconds
  }
}

/// A network of a family in one of its forms, with what it costs and earns.
public struct NetworkFacts: Sendable {
  /// Number of the file in its family, 0 first.
  public var network = 0
  public var bits = 8
  /// Input side in pixels; 0: the file's own.
  public var resolution = 0
  /// The prune dial, 0...1.
  public var prune = 0.0
  /// 0...1.
  public var accuracy = 1.0
  /// Bytes from and to memory of one frame.
  public var bytes = 0.0
  public var times: [TimeFacts] = []

  public init() {}
}

/// Makes the candidates of a table: every network x threads x clock x rate.
public struct PointBuilder: Sendable {
  public var power: PowerModel
  /// Frames a second that the user wants; more earn nothing.
  public var wantedRate: Double
  /// Frames a second that the camera delivers; 0: as many as wanted.
  public var cameraRate: Double
  /// The share of its time that a point may compute at most.
  public static let fullLoad = 0.95

  public init(power: PowerModel, wantedRate: Double, cameraRate: Double = 0) {
    self.power = power
    self.wantedRate = wantedRate
    self.cameraRate = cameraRate
  }

  /// Falling rates: shares of the wanted rate and the camera's divisors. A pacer can hold any
  /// rate between two of them.
  public var rates: [Double] {
    let top = cameraRate > 0 ? min(wantedRate, cameraRate) : wantedRate
    var rates: [Double] = []
    for divisor in [1.0, 4 / 3.0, 2, 3, 4, 6, 8, 12, 16, 24, 32] { rates.append(top / divisor) }
    if cameraRate > 0 {
      for divisor in 1...6 {
        insert(cameraRate / Double(divisor), into: &rates, top: top)
      }
    }
    return rates
  }

  private func insert(_ rate: Double, into rates: inout [Double], top: Double) {
    guard rate <= top else { return }
    var place = 0
    while place < rates.count && rates[place] > rate { place += 1 }
    let above = place > 0 ? rates[place - 1] : .infinity
    let below = place < rates.count ? rates[place] : 0
    // Nearer than 5 % to a rate that is there already brings nothing.
    if above > rate * 1.05 && below < rate * 0.95 { rates.insert(rate, at: place) }
  }

  /// Every form, thread count and clock at the highest rate that it sustains.
  public func fastest(_ networks: [NetworkFacts]) -> [OperatingPoint] {
    var points: [OperatingPoint] = []
    for facts in networks {
      for time in facts.times where time.latency > 0 {
        var point = Self.point(facts, time)
        point.rate = Self.fullLoad / time.latency
        point.dynamicWatts = power.frameJoules(point) * point.rate
        points.append(point)
      }
    }
    return points
  }

  private static func point(_ facts: NetworkFacts, _ time: TimeFacts) -> OperatingPoint {
    var point = OperatingPoint()
    point.network = facts.network
    point.bits = facts.bits
    point.resolution = facts.resolution
    point.prune = facts.prune
    point.accuracy = facts.accuracy
    point.bytes = facts.bytes
    point.threads = time.threads
    point.clock = time.clock
    point.latency = time.latency
    point.worstLatency = time.worstLatency
    point.coreSeconds = time.coreSeconds
    return point
  }

  /// The candidates of all networks, in the order given.
  public func points(_ networks: [NetworkFacts]) -> [OperatingPoint] {
    let rates = rates
    var points: [OperatingPoint] = []
    for facts in networks {
      for time in facts.times where time.latency > 0 {
        var point = Self.point(facts, time)
        let joules = power.frameJoules(point)
        let fastest = Self.fullLoad / time.latency
        var isFirst = true
        for rate in rates {
          // The first rate out of reach stands for "as fast as it goes".
          if rate > fastest {
            guard isFirst else { continue }
            isFirst = false
          }
          point.rate = min(rate, fastest)
          point.dynamicWatts = joules * point.rate
          points.append(point)
        }
      }
    }
    return points
  }
}
