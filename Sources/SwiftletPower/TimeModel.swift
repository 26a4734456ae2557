/// Predicts the time of a layer or a network on a board: modelled, not measured.
///
/// A layer takes the longer of its computation and its traffic with memory, plus a barrier where
/// threads share it. Weights come from memory once a frame when those of the network do not stay
/// in the last cache level; activations do when a layer's own do not.
public struct TimeModel: Sendable {
  public var rates: CoreRates
  /// Bytes a second between memory and one core; threads share it.
  public var bandwidth: Double
  /// Bytes of the last cache level.
  public var cache: Int
  /// Cores of the kind.
  public var cores: Int
  /// Seconds to hand out a step to threads and to wait for the last of them. Assumed.
  public var barrier = 1e-6
  /// Seconds that an idle thread spins before it sleeps (`Team`).
  public var spin = 20e-6

  public init(rates: CoreRates, bandwidth: Double, cache: Int, cores: Int) {
    self.rates = rates
    self.bandwidth = bandwidth
    self.cache = cache
    self.cores = cores
  }

  /// The model of a board's first cluster; nil if the table lacks its core.
  public init?(_ board: BoardProfile) {
    guard let cluster = board.clusters.first, let rates = CoreRates.named(cluster.core) else {
      return nil
    }
    self.init(
      rates: rates, bandwidth: board.memoryBandwidth,
      cache: max(cluster.level1, cluster.level2, cluster.level3), cores: max(1, cluster.count))
  }

  /// What a layer or network takes.
  public struct Prediction: Sendable {
    /// Seconds from begin to end.
    public var seconds = 0.0
    /// Seconds that cores are busy, all together; spinning counts.
    public var coreSeconds = 0.0
    /// Bytes from and to memory.
    public var bytes = 0.0
    /// Whether memory, not computation, sets the time of this layer.
    public var isMemory = false

    public init() {}
  }

  /// One layer at a clock in MHz. `streams`: whether its weights come from memory.
  public func predict(_ work: LayerWork, clock: Double, threads: Int, streams: Bool) -> Prediction {
    let count = max(1, min(threads, cores))
    let parts = max(1, Int(work.parts[min(count, work.parts.count) - 1]))
    let sharing = min(count, parts)
    // Parts are alike, and the longest thread takes one more than the others.
    let turns = (parts + count - 1) / count
    let compute = rates.cycles(work) / (clock * 1e6)
    let share = compute * Double(turns) / Double(parts)
    var result = Prediction()
    if streams { result.bytes = Double(work.weightBytes) }
    if work.activationBytes > cache { result.bytes += Double(work.activationBytes) }
    let memory = bandwidth > 0 ? result.bytes / bandwidth : 0
    result.isMemory = memory > share
    result.seconds = max(share + (sharing > 1 ? barrier : 0), memory)
    if sharing > 1 {
      result.coreSeconds = result.seconds * Double(sharing)
    } else {
      result.coreSeconds = result.seconds + min(result.seconds, spin) * Double(count - 1)
    }
    return result
  }

  /// A network at a clock in MHz: the sum of its layers.
  public func predict(_ layers: [LayerWork], clock: Double, threads: Int) -> Prediction {
    var sum = Prediction()
    let streams = self.streams(layers)
    for work in layers {
      let one = predict(work, clock: clock, threads: threads, streams: streams)
      sum.seconds += one.seconds
      sum.coreSeconds += one.coreSeconds
      sum.bytes += one.bytes
    }
    return sum
  }

  /// Whether a network's weights come from memory each frame: they do not fit the last cache
  /// level beside the activations of the largest layer.
  public func streams(_ layers: [LayerWork]) -> Bool {
    var weights = 0
    var activations = 0
    for work in layers {
      weights += work.weightBytes
      activations = max(activations, work.activationBytes)
    }
    return weights + activations > cache
  }
}
