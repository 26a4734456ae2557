/// Histograms of one tensor, whole and (where asked) by channel.
package struct RangeHistogram: Sendable {
  /// Smallest and largest value.
  package private(set) var low: Float
  package private(set) var high: Float
  package var bins: [Int]

  package init(low: Float, high: Float, count: Int) {
    self.low = min(low, 0)
    self.high = max(high, 0)
    bins = [Int](repeating: 0, count: count)
  }

  package var step: Float { (high - low) / Float(bins.count) }

  package mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let width = high - low
    if !(width > 0) || !width.isFinite { return }
    let factor = Float(bins.count) / width
    let last = Float(bins.count - 1)
    bins.withUnsafeMutableBufferPointer { bins in
      for value in values where value == value {
        bins[Int(min(max((value - low) * factor, 0), last))] += 1
      }
    }
  }

  /// The values below and above which a part `tail` of all lies.
  package func percentiles(tail: Double) -> (low: Float, high: Float) {
    let total = bins.reduce(0, +)
    let limit = Int(Double(total) * tail)
    if total == 0 { return (low, high) }
    var (first, last) = (0, bins.count - 1)
    var seen = 0
    while first < last, seen + bins[first] <= limit {
      seen += bins[first]
      first += 1
    }
    seen = 0
    while last > first, seen + bins[last] <= limit {
      seen += bins[last]
      last -= 1
    }
    return (low + Float(first) * step, low + Float(last + 1) * step)
  }

  /// The range whose 256 steps lose least, squared; ends move inward from the extremes.
  package func leastSquares() -> (low: Float, high: Float) {
    let total = bins.reduce(0, +)
    if total == 0 || !(step > 0) { return (low, high) }
    var best: (cost: Double, low: Float, high: Float) = (.infinity, low, high)
    for i in 0..<60 {
      let part = 1 - Float(i) * 0.015
      let (a, b) = (low * part, high * part)
      let q = Double(b - a) / 255
      var cost = Double(total) * q * q / 12
      for (j, n) in bins.enumerated() where n > 0 {
        let middle = low + (Float(j) + 0.5) * step
        let over = Double(max(a - middle, middle - b, 0))
        if over > 0 { cost += Double(n) * over * over }
      }
      if cost < best.cost { best = (cost, a, b) }
    }
    return (best.low, best.high)
  }
}

/// What calibration saw of each tensor.
package struct RangeStatistics: Sendable {
  /// [tensors]
  package var whole: [RangeHistogram]
  /// [tensors][channels], empty where per-channel ranges are of no use.
  package var channels: [[RangeHistogram]]

  /// Two passes over the images: extremes, then histograms.
  ///
  /// - Parameters:
  ///   - perChannel: tensors that may have a range for each channel.
  ///   - isOpen: whether the gates of an image are.
  package static func collect(
    _ executor: FloatExecutor, images: Int, threads: Int, perChannel: Set<Int>,
    image: (Int) -> [Float], isOpen: (Int) -> Bool = { _ in true }, progress: (Double) -> Void
  ) -> RangeStatistics {
    let plan = executor.plan
    let number = plan.tensors.count
    // Extremes of every channel, by worker; merged in any order they are the same.
    let offsets = plan.tensors.reduce(into: [0]) { $0.append($0.last! + $1.channels) }
    var lows = [[Float]](
      repeating: [Float](repeating: .infinity, count: offsets[number]), count: threads)
    var highs = [[Float]](
      repeating: [Float](repeating: -.infinity, count: offsets[number]), count: threads)
    lows.withUnsafeMutableBufferPointer { lows in
      highs.withUnsafeMutableBufferPointer { highs in
        spread(threads, threads: threads) { worker in
          for i in stride(from: worker, to: images, by: threads) {
            _ = executor.run(image(i), isOpen: isOpen(i)) { tensor, values in
              let t = plan.tensors[tensor]
              let area = t.height * t.width
              for c in 0..<t.channels {
                var low = lows[worker][offsets[tensor] + c]
                var high = highs[worker][offsets[tensor] + c]
                for j in c * area..<(c + 1) * area {
                  low = values[j] < low ? values[j] : low
                  high = values[j] > high ? values[j] : high
                }
                lows[worker][offsets[tensor] + c] = low
                highs[worker][offsets[tensor] + c] = high
              }
            }
          }
        }
      }
    }
    progress(0.5)
    func empty() -> (whole: [RangeHistogram], channels: [[RangeHistogram]]) {
      var whole: [RangeHistogram] = []
      var channels: [[RangeHistogram]] = []
      for (tensor, t) in plan.tensors.enumerated() {
        let ranges = (0..<t.channels).map { c in
          (
            lows.map { $0[offsets[tensor] + c] }.min()!,
            highs.map { $0[offsets[tensor] + c] }.max()!
          )
        }
        whole.append(
          RangeHistogram(
            low: ranges.map { $0.0 }.min()!, high: ranges.map { $0.1 }.max()!, count: 8192))
        channels.append(
          perChannel.contains(tensor)
            ? ranges.map { RangeHistogram(low: $0.0, high: $0.1, count: 512) } : [])
      }
      return (whole, channels)
    }
    var parts = [(whole: [RangeHistogram], channels: [[RangeHistogram]])](
      repeating: empty(), count: threads)
    parts.withUnsafeMutableBufferPointer { parts in
      spread(threads, threads: threads) { worker in
        for i in stride(from: worker, to: images, by: threads) {
          _ = executor.run(image(i), isOpen: isOpen(i)) { tensor, values in
            values.withUnsafeBufferPointer { values in
              parts[worker].whole[tensor].add(values)
              let area = plan.tensors[tensor].height * plan.tensors[tensor].width
              for c in parts[worker].channels[tensor].indices {
                parts[worker].channels[tensor][c].add(
                  UnsafeBufferPointer(rebasing: values[c * area..<(c + 1) * area]))
              }
            }
          }
        }
      }
    }
    progress(1)
    var result = RangeStatistics(whole: parts[0].whole, channels: parts[0].channels)
    for part in parts.dropFirst() {
      for t in 0..<number {
        for b in result.whole[t].bins.indices { result.whole[t].bins[b] += part.whole[t].bins[b] }
        for c in result.channels[t].indices {
          for b in result.channels[t][c].bins.indices {
            result.channels[t][c].bins[b] += part.channels[t][c].bins[b]
          }
        }
      }
    }
    return result
  }
}
