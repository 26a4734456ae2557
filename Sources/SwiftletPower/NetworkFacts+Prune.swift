import SwiftletCore

extension NetworkFacts {
  /// The same network under a row of its pruning dial: mean times, and the worst ones.
  ///
  /// - Parameter first: the pass that goes first on the same board; nil for gates, whose share of
  ///   time stands in the row.
  public func pruned(_ row: PruneRow, first: NetworkFacts?) -> NetworkFacts {
    var facts = self
    facts.prune = Double(row.dial) / 1000
    facts.accuracy *= Double(row.agreement)
    for i in 0..<times.count {
      guard let first, i < first.times.count else {
        facts.times[i].latency *= Double(row.cost)
        facts.times[i].coreSeconds *= Double(row.cost)
        continue
      }
      let again = Double(row.escalated)
      facts.times[i].worstLatency = first.times[i].latency + times[i].latency
      facts.times[i].latency = first.times[i].latency + again * times[i].latency
      facts.times[i].coreSeconds = first.times[i].coreSeconds + again * times[i].coreSeconds
    }
    if let first { facts.bytes = first.bytes + Double(row.escalated) * bytes }
    return facts
  }
}
