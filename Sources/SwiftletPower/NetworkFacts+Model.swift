extension NetworkFacts {
  /// Facts from the time model: every thread count 1, 2, 4, ... at every clock of the board that
  /// may be set, else at its highest.
  ///
  /// - Parameters:
  ///   - most: threads at most; nil: as many as the board's first cluster has cores.
  ///   - scale: what a calibration of this board found, by which the modelled times are corrected.
  public init(
    modelled layers: [LayerWork], model: TimeModel, board: BoardProfile, atMost most: Int? = nil,
    scale: BoardCalibration.Scale? = nil
  ) {
    self.init()
    guard let cluster = board.clusters.first, let top = cluster.steps.last else { return }
    let isSettable = board.knobs.contains(.clock)
    let last = max(1, min(most ?? cluster.count, cluster.count))
    var threads = 1
    while true {
      for step in cluster.steps where isSettable || step.megahertz == top.megahertz {
        let one = model.predict(layers, clock: step.megahertz, threads: threads)
        times.append(
          TimeFacts(
            threads: threads, clock: isSettable ? step.megahertz : 0,
            latency: one.seconds * (scale?.latency(threads: threads) ?? 1),
            coreSeconds: one.coreSeconds * (scale?.coreSeconds(threads: threads) ?? 1)))
        bytes = one.bytes
      }
      if threads >= last { break }
      threads = min(threads * 2, last)
    }
  }
}
