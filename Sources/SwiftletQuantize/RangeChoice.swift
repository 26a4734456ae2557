/// Rules by which a range follows from what calibration saw.
package enum RangeRule: String, Sendable, CaseIterable {
  /// The extremes.
  case extremes
  /// A ten-thousandth of the values beyond either end is cut off.
  case percentile
  /// The least squared error of the values.
  case leastSquares
}

/// Which tensors share one encoding, and the encodings of a whole plan.
package struct RangeChoice: Sendable {
  let plan: FloatPlan
  let statistics: RangeStatistics
  /// Tensor -> the first tensor of its group.
  package let group: [Int]
  private let bounds: [(low: Float, high: Float)]

  package init(_ plan: FloatPlan, _ statistics: RangeStatistics) {
    self.plan = plan
    self.statistics = statistics
    group = Self.groups(plan)
    var bounds = plan.tensors.map { (low: $0.low, high: $0.high) }
    for (tensor, first) in group.enumerated() {
      bounds[first].low = min(bounds[first].low, plan.tensors[tensor].low)
      bounds[first].high = max(bounds[first].high, plan.tensors[tensor].high)
    }
    self.bounds = bounds
  }

  /// Operators that copy bytes tie their tensors together.
  package static func groups(_ plan: FloatPlan) -> [Int] {
    var parent = Array(plan.tensors.indices)
    func root(_ i: Int) -> Int {
      var i = i
      while parent[i] != i { i = parent[i] }
      return i
    }
    for step in plan.steps {
      switch step.kind {
      case .concat, .maxPool, .slice, .pad, .resize:
        for input in step.inputs {
          let (a, b) = (root(input), root(step.output))
          parent[max(a, b)] = min(a, b)
        }
      default: break
      }
    }
    return parent.indices.map { root($0) }
  }

  /// Tensors that may have a range for each channel: made by a layer that can store so, read by
  /// depthwise layers only.
  package static func perChannelCandidates(_ plan: FloatPlan) -> Set<Int> {
    var found: Set<Int> = []
    for step in plan.steps {
      guard case .layer = step.kind, step.inputs.count == 1, !plan.tensors[step.output].isFloat,
        !plan.outputs.contains(step.output), plan.tensors[step.output].channels > 1
      else { continue }
      let readers = plan.steps.filter { $0.inputs.contains(step.output) }
      let areDepthwise = readers.allSatisfy { reader in
        guard case .layer(let layer) = reader.kind else { return false }
        return layer.isDepthwise && reader.inputs[0] == step.output
          && !reader.inputs.dropFirst().contains(step.output)
      }
      if areDepthwise && !readers.isEmpty { found.insert(step.output) }
    }
    return found
  }

  /// The first tensors of all groups that are stored in bytes.
  package var leaders: [Int] {
    plan.tensors.indices.filter {
      group[$0] == $0 && $0 != plan.image && !plan.tensors[$0].isFloat && !plan.tensors[$0].isGate
    }
  }

  /// Groups that a dequantised output reads. Cutting there would make the largest answers equal.
  private var outputLeaders: Set<Int> {
    Set(
      plan.steps.compactMap { step in
        if case .dequantize = step.kind { return group[step.inputs[0]] }
        return nil
      })
  }

  /// Whether the group has a range for each channel.
  package func isPerChannel(_ leader: Int) -> Bool { !statistics.channels[leader].isEmpty }

  /// The encoding of a group under a rule.
  package func encoding(_ leader: Int, _ rule: RangeRule) -> Encoding {
    let bound = bounds[leader]
    let rule = outputLeaders.contains(leader) ? .extremes : rule
    if !statistics.channels[leader].isEmpty {
      return Encoding(
        ranges: statistics.channels[leader].map { clip(range($0, rule, isChannel: true), bound) })
    }
    var (low, high) = (Float(0), Float(0))
    for tensor in group.indices where group[tensor] == leader {
      let range = range(statistics.whole[tensor], rule, isChannel: false)
      low = min(low, range.low)
      high = max(high, range.high)
    }
    return Encoding(ranges: [clip((low, high), bound)])
  }

  /// Encodings of all tensors; float tensors and the image get a plain one.
  package func encodings(_ rule: (Int) -> RangeRule) -> [Encoding] {
    var byLeader: [Int: Encoding] = [:]
    for leader in leaders { byLeader[leader] = encoding(leader, rule(leader)) }
    return plan.tensors.indices.map { tensor in
      if tensor == plan.image {
        return Encoding(
          scales: plan.pixelZeros.map { _ in 1 }, zeros: plan.pixelZeros)
      }
      return byLeader[group[tensor]] ?? Encoding(scales: [1], zeros: [0])
    }
  }

  private func range(
    _ histogram: RangeHistogram, _ rule: RangeRule, isChannel: Bool
  ) -> (low: Float, high: Float) {
    switch rule {
    case .extremes: (histogram.low, histogram.high)
    case .percentile: histogram.percentiles(tail: 1e-4)
    case .leastSquares: histogram.leastSquares()
    }
  }

  private func clip(
    _ range: (low: Float, high: Float), _ bound: (low: Float, high: Float)
  ) -> (low: Float, high: Float) {
    (max(range.low, bound.low), min(range.high, bound.high))
  }

  /// Signal to noise of the outputs, in dB, with all tensors rounded as `encodings` say and
  /// weights in float. Outputs count about their mean: a common shift changes no answer.
  package static func score(
    _ executor: FloatExecutor, _ encodings: [Encoding], images: [Int], threads: Int,
    image: (Int) -> [Float], wanted: [[[Float]]]
  ) -> Double {
    let plan = executor.plan
    var parts = [[(signal: Double, noise: Double)]](
      repeating: [], count: images.count)
    parts.withUnsafeMutableBufferPointer { parts in
      spread(images.count, threads: threads) { i in
        let outputs = executor.run(image(images[i]), isOpen: true) { tensor, values in
          let t = plan.tensors[tensor]
          if tensor == plan.image || t.isFloat || t.isGate { return }
          encodings[tensor].round(&values, area: t.height * t.width)
        }
        parts[i] = zip(outputs, wanted[i]).map { Self.compare($0, $1) }
      }
    }
    var total = 0.0
    for output in plan.outputs.indices {
      let signal = parts.reduce(0) { $0 + $1[output].signal }
      let noise = parts.reduce(0) { $0 + $1[output].noise }
      total += decibels(signal: signal, noise: noise)
    }
    return total / Double(max(plan.outputs.count, 1))
  }

  package static func compare(
    _ found: [Float], _ wanted: [Float]
  ) -> (signal: Double, noise: Double) {
    let n = Double(max(wanted.count, 1))
    let mean = wanted.reduce(0) { $0 + Double($1) } / n
    let shift = found.reduce(0) { $0 + Double($1) } / n - mean
    var (signal, noise) = (0.0, 0.0)
    for i in wanted.indices {
      let s = Double(wanted[i]) - mean
      let e = Double(found[i]) - shift - Double(wanted[i])
      signal += s * s
      noise += e * e
    }
    return (signal, noise)
  }
}
