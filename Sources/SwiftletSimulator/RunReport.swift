import SwiftletPower

/// What a simulated run came to.
public struct RunReport: Sendable {
  public var policy = Policy.scheduler
  public var seconds = 0.0
  /// Mean utility of a second, 0...1.
  public var utility = 0.0
  /// The same for a scheduler that knows the board and the future.
  public var oracleUtility = 0.0
  /// Share of the oracle's utility that was lost.
  public var regret: Double { oracleUtility > 0 ? 1 - utility / oracleUtility : 0 }

  /// Share of time in which the mean of the last second was over its cap.
  public var overCapShare = 0.0
  /// The longest such run in seconds, with sensor and governor healthy, and with a fault.
  public var longestHealthyRun = 0.0
  public var longestFaultyRun = 0.0
  /// The longest run of quarter seconds over the cap, with sensor and governor healthy.
  public var longestQuarters = 0.0

  public var meanWatts = 0.0
  /// Of a second.
  public var maxWatts = 0.0
  public var maxCelsius = 0.0
  /// Frames with a result, and those of the camera that were left out.
  public var frames = 0
  public var skipped = 0
  public var framesPerSecond: Double { seconds > 0 ? Double(frames) / seconds : 0 }
  public var decisions = 0
  /// Changes of network, threads, clock or rate.
  public var switches = 0
  public var switchesPerMinute: Double { seconds > 0 ? Double(switches) * 60 / seconds : 0 }
  /// Clock limits written, refused, and not as they were after the end.
  public var clockWrites = 0
  public var refusals = 0
  public var missedRestores = 0

  /// Each decision.
  public var history: [Entry] = []
  /// Each 50 ms: watts of the board, and C of its die.
  public var trace = SimulatedBoard.Trace()

  public struct Entry: Sendable, Equatable {
    public var time: Double
    public var point: Int
    public var rate: Double
    public var watts: Double
    public var cap: Double?
    public var concession: Concession
    public var reason: Reason
    public var source: FigureSource
  }

  public init() {}
}

/// Counts the time over a cap in means of a second, and of quarter seconds.
struct CapWatch {
  private let window = Int((1 / SimulatedBoard.tick).rounded())
  private let quarter = Int((0.25 / SimulatedBoard.tick).rounded())
  private var excess: [Double] = []
  private var sum = 0.0
  private var run = 0
  private var isRunFaulty = false
  private var sinceFault = Int.max / 2
  private var quarters = 0
  private(set) var over = 0
  private(set) var longestHealthy = 0
  private(set) var longestFaulty = 0
  private(set) var longestQuarters = 0

  var ticks: Int { excess.count }

  mutating func add(watts: Double, cap: Double?, isFaulty: Bool) {
    let value = cap.map { watts - $0 } ?? -1e3
    excess.append(value)
    sum += value
    if excess.count > window { sum -= excess[excess.count - 1 - window] }
    sinceFault = isFaulty ? 0 : sinceFault + 1
    // What a fault began ends within a second after it.
    if sinceFault <= window { isRunFaulty = true }
    if excess.count >= window && sum > 1e-6 {
      over += 1
      run += 1
      if isRunFaulty {
        longestFaulty = max(longestFaulty, run)
      } else {
        longestHealthy = max(longestHealthy, run)
      }
    } else {
      run = 0
      isRunFaulty = sinceFault <= window
    }
    if excess.count % quarter == 0 {
      let isOver = excess.suffix(quarter).reduce(0, +) > 0
      quarters = isOver && sinceFault > window ? quarters + 1 : 0
      longestQuarters = max(longestQuarters, quarters)
    }
  }
}
