/// Times of many frames, in nanoseconds, in memory that is taken once.
///
/// Beyond its capacity every second sample is let go and from then on only every second (fourth,
/// eighth ...) one is kept, so percentiles stay those of the whole run; least, greatest and
/// count are exact.
public struct Latencies: ~Copyable {
  private let samples: UnsafeMutablePointer<Int64>
  private let capacity: Int
  private var kept = 0
  private var stride = 1
  private var untilNext = 1
  /// How many were added.
  public private(set) var count = 0
  /// The least; 0 without samples.
  public private(set) var least: Int64 = 0
  /// The greatest; 0 without samples.
  public private(set) var greatest: Int64 = 0

  /// Room for `capacity` samples, at least two.
  public init(capacity: Int = 1 << 18) {
    self.capacity = max(2, capacity)
    samples = .allocate(capacity: self.capacity)
  }

  deinit { samples.deallocate() }

  /// Adds a sample.
  public mutating func add(_ nanoseconds: Int64) {
    least = count == 0 ? nanoseconds : min(least, nanoseconds)
    greatest = count == 0 ? nanoseconds : max(greatest, nanoseconds)
    count += 1
    untilNext -= 1
    if untilNext > 0 { return }
    if kept == capacity {
      for i in 0..<kept / 2 { samples[i] = samples[2 * i] }
      kept /= 2
      stride *= 2
    }
    samples[kept] = nanoseconds
    kept += 1
    untilNext = stride
  }

  /// The least sample that is no smaller than `percent` of all (the nearest rank); nil without
  /// samples. Sorts in place.
  public mutating func percentile(_ percent: Double) -> Int64? {
    if kept == 0 { return nil }
    var all = UnsafeMutableBufferPointer(start: samples, count: kept)
    all.sort()
    let rank = Int((percent / 100 * Double(kept)).rounded(.up))
    return samples[min(max(rank, 1), kept) - 1]
  }

  /// The same in milliseconds.
  public mutating func milliseconds(_ percent: Double) -> Double? {
    percentile(percent).map { Double($0) / 1e6 }
  }
}
