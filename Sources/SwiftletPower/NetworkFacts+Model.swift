extension NetworkFacts {
  /// Facts from the time model: every thread count 1, 2, 4, ... at every clock of the board that
  /// may be set, else at its highest.
  public init(modelled layers: [LayerWork], model: TimeModel, board: BoardProfile) {
    self.init()
    guard let cluster = board.clusters.first, let top = cluster.steps.last else { return }
    let isSettable = board.knobs.contains(.clock)
    var threads = 1
    while true {
      for step in cluster.steps where isSettable || step.megahertz == top.megahertz {
        let one = model.predict(layers, clock: step.megahertz, threads: threads)
        times.append(
          TimeFacts(
            threads: threads, clock: isSettable ? step.megahertz : 0, latency: one.seconds,
            coreSeconds: one.coreSeconds))
        bytes = one.bytes
      }
      if threads >= cluster.count { break }
      threads = min(threads * 2, cluster.count)
    }
  }
}
