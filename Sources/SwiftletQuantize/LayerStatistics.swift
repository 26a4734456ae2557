/// What calibration saw of one layer: means of everything, and samples for second moments.
///
/// x is the layer's input in float, y the same input as the quantised network has it.
package struct LayerStatistics: Sendable {
  /// Elements of one sample: channels * taps.
  package var count = 0
  /// Mean of each element over all photos and positions.
  package var meanX: [Double] = []
  package var meanY: [[Double]] = []
  /// Mean over all positions of float residual minus quantised residual, [streams][outputs].
  package var residual: [[Double]] = []
  /// [samples, count] each.
  package var samplesX: [Float] = []
  package var samplesY: [[Float]] = []
  /// [streams][samples, outputs]; empty without residual.
  package var samplesResidual: [[Float]] = []
  /// Photo of each sample.
  package var photo: [Int] = []
  package var samples: Int { photo.count }

  /// - Parameters:
  ///   - x: float inputs by photo, [C][H][W].
  ///   - y: the quantised network's inputs, decoded, by stream and photo.
  ///   - r: residual in float and by stream, if the layer has one.
  package static func collect(
    _ geometry: LayerGeometry, photos: Int, streams: Int, positionsPerPhoto: Int, seed: UInt64,
    threads: Int, takesSamples: Bool, x: (Int) -> [Float], y: (Int, Int) -> [Float],
    r: ((Int) -> [Float])?, rHat: (Int, Int) -> [Float]
  ) -> LayerStatistics {
    var out = LayerStatistics()
    let count = geometry.channels * geometry.window.taps
    let area = geometry.positions
    let outputs = geometry.outputs
    out.count = count
    // At most 48 million numbers in one matrix.
    let perPhoto = min(area, positionsPerPhoto, max(1, 48_000_000 / max(1, count * photos)))
    let samples = takesSamples ? perPhoto * photos : 0
    let border = [Float](repeating: 0, count: geometry.channels)
    let width = count * (streams + 1) + outputs * streams
    var sums = [Double](repeating: 0, count: photos * width)
    out.samplesX = [Float](repeating: 0, count: samples * count)
    out.samplesY = [[Float]](
      repeating: [Float](repeating: 0, count: samples * count), count: streams)
    out.samplesResidual = [[Float]](
      repeating: [Float](repeating: 0, count: r == nil ? 0 : samples * outputs), count: streams)
    if takesSamples { out.photo = (0..<samples).map { $0 / perPhoto } }
    sums.withUnsafeMutableBufferPointer { sums in
      withMutablePointers(&out) { sampleX, sampleY, sampleR in
        spread(photos, threads: threads) { photo in
          let places = Self.places(area, perPhoto, seed &+ UInt64(photo) &* 0x9E37_79B9)
          let sum = sums.baseAddress! + photo * width
          let image = x(photo)
          image.withUnsafeBufferPointer { image in
            geometry.addTapSums(image.baseAddress!, border: border, into: sum)
            for (i, place) in places.enumerated() where takesSamples {
              geometry.gather(
                image.baseAddress!, border: border, position: place,
                into: sampleX + (photo * perPhoto + i) * count)
            }
          }
          let residual = r?(photo)
          for s in 0..<streams {
            let image = y(s, photo)
            image.withUnsafeBufferPointer { image in
              geometry.addTapSums(
                image.baseAddress!, border: border, into: sum + (s + 1) * count)
              for (i, place) in places.enumerated() where takesSamples {
                geometry.gather(
                  image.baseAddress!, border: border, position: place,
                  into: sampleY[s] + (photo * perPhoto + i) * count)
              }
            }
            guard let residual else { continue }
            let rounded = rHat(s, photo)
            let place = sum + (streams + 1) * count + s * outputs
            for n in 0..<outputs {
              var total = 0.0
              for i in n * area..<(n + 1) * area { total += Double(residual[i] - rounded[i]) }
              place[n] = total
            }
            for (i, position) in places.enumerated() where takesSamples {
              let row = sampleR[s] + (photo * perPhoto + i) * outputs
              for n in 0..<outputs {
                row[n] = residual[n * area + position] - rounded[n * area + position]
              }
            }
          }
        }
      }
    }
    var mean = [Double](repeating: 0, count: width)
    for photo in 0..<photos {
      for i in 0..<width { mean[i] += sums[photo * width + i] }
    }
    let all = Double(max(1, photos * area))
    out.meanX = mean[0..<count].map { $0 / all }
    for s in 0..<streams {
      out.meanY.append(mean[(s + 1) * count..<(s + 2) * count].map { $0 / all })
      let first = (streams + 1) * count + s * outputs
      out.residual.append(mean[first..<first + outputs].map { $0 / all })
    }
    return out
  }

  private static func withMutablePointers(
    _ statistics: inout LayerStatistics,
    _ body: (
      UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>], [UnsafeMutablePointer<Float>]
    ) -> Void
  ) {
    // Buffers of their own, copied back: pointers into several arrays cannot be held at once.
    let x = UnsafeMutablePointer<Float>.allocate(capacity: max(statistics.samplesX.count, 1))
    let y = statistics.samplesY.map {
      UnsafeMutablePointer<Float>.allocate(capacity: max($0.count, 1))
    }
    let r = statistics.samplesResidual.map {
      UnsafeMutablePointer<Float>.allocate(capacity: max($0.count, 1))
    }
    defer { ([x] + y + r).forEach { $0.deallocate() } }
    body(x, y, r)
    statistics.samplesX = Array(UnsafeBufferPointer(start: x, count: statistics.samplesX.count))
    for s in y.indices {
      statistics.samplesY[s] = Array(
        UnsafeBufferPointer(start: y[s], count: statistics.samplesY[s].count))
      statistics.samplesResidual[s] = Array(
        UnsafeBufferPointer(start: r[s], count: statistics.samplesResidual[s].count))
    }
  }

  /// All positions, or some at random.
  private static func places(_ area: Int, _ wanted: Int, _ seed: UInt64) -> [Int] {
    if wanted >= area { return Array(0..<area) }
    var random = SplitMix(seed: seed)
    return (0..<wanted).map { _ in random.below(area) }
  }
}

/// The problem that a layer's fit solves for one stream: targets and second moments.
package struct LayerTarget: Sendable {
  /// [rows, count]
  package var weights: [Float]
  package var basis: FeedbackBasis

  /// Second moments of the quantised input, and weights that make up for its error as far as
  /// that helps on photos that were left out.
  ///
  /// The output that float has, W x + residual, is to come from y instead of x. The weights
  /// W + D with D = argmin |(W x - W y + r - r') - D y|² + strength |D|² do that in the mean;
  /// strength is the one that is best on every fourth photo after fitting on the others.
  package static func make(
    _ statistics: LayerStatistics, stream: Int, weights: [Float], rows: Int, damping: Float,
    corrects: Bool, threads: Int
  ) -> LayerTarget {
    let count = statistics.count
    let samples = statistics.samples
    var y = statistics.samplesY[stream]
    let hasResidual = !statistics.samplesResidual[stream].isEmpty
    center(&y, samples, count)
    let covariance = gram(y, rows: samples, columns: count)
    let basis = FeedbackBasis(covariance: covariance, count: count, damping: damping)
    guard corrects, count <= 2048, samples >= 64 else {
      return LayerTarget(weights: weights, basis: basis)
    }
    // What is missing at each sample: [samples, rows].
    var x = statistics.samplesX
    center(&x, samples, count)
    for i in x.indices { x[i] -= y[i] }
    var missing = [Float](repeating: 0, count: samples * rows)
    if hasResidual {
      missing = statistics.samplesResidual[stream]
      center(&missing, samples, rows)
    }
    multiply(
      samples, rows, count, x, count, weights, count, transposedB: true, beta: 1, &missing, rows)
    let isHeld = (0..<samples).map { statistics.photo[$0] % 4 == 3 }
    let fitRows = (0..<samples).filter { !isHeld[$0] }
    let heldRows = (0..<samples).filter { isHeld[$0] }
    guard !heldRows.isEmpty else { return LayerTarget(weights: weights, basis: basis) }
    let (fitY, fitMissing) = (pick(y, fitRows, count), pick(missing, fitRows, rows))
    let (heldY, heldMissing) = (pick(y, heldRows, count), pick(missing, heldRows, rows))
    let fitCovariance = gram(fitY, rows: fitRows.count, columns: count)
    var best: (error: Double, strength: Float?) = (squares(heldMissing) * 0.995, nil)
    for strength: Float in [0.03, 0.3, 3] {
      let correction = solve(
        fitY, fitMissing, fitCovariance, fitRows.count, count, rows, strength)
      var rest = heldMissing
      multiply(
        heldRows.count, rows, count, alpha: -1, heldY, count, correction, count,
        transposedB: true, beta: 1, &rest, rows)
      let error = squares(rest)
      if error < best.error { best = (error, strength) }
    }
    guard let strength = best.strength else {
      return LayerTarget(weights: weights, basis: basis)
    }
    let correction = solve(y, missing, covariance, samples, count, rows, strength)
    return LayerTarget(weights: zip(weights, correction).map { $0 + $1 }, basis: basis)
  }

  /// The ridge regression of `missing` on y, [rows, count].
  private static func solve(
    _ y: [Float], _ missing: [Float], _ covariance: [Float], _ samples: Int, _ count: Int,
    _ rows: Int, _ strength: Float
  ) -> [Float] {
    var right = [Float](repeating: 0, count: rows * count)
    multiply(
      rows, count, samples, alpha: 1 / Float(max(samples, 1)), missing, rows, transposedA: true, y,
      count, &right, count)
    var mean = 0.0
    for i in 0..<count { mean += Double(covariance[i * count + i]) }
    mean /= Double(max(count, 1))
    var matrix = covariance.map { Double($0) }
    for i in 0..<count { matrix[i * count + i] += Double(strength) * mean + 1e-20 }
    guard let factor = choleskyFactor(matrix, count) else { return right.map { _ in 0 } }
    var solution = right.map { Double($0) }
    choleskySolve(factor, count, &solution, rows: rows)
    return solution.map { Float($0) }
  }

  private static func center(_ matrix: inout [Float], _ rows: Int, _ columns: Int) {
    if rows == 0 { return }
    var mean = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for i in 0..<columns { mean[i] += Double(matrix[row * columns + i]) }
    }
    let shift = mean.map { Float($0 / Double(rows)) }
    for row in 0..<rows {
      for i in 0..<columns { matrix[row * columns + i] -= shift[i] }
    }
  }

  private static func pick(_ matrix: [Float], _ rows: [Int], _ columns: Int) -> [Float] {
    var out = [Float]()
    out.reserveCapacity(rows.count * columns)
    for row in rows { out.append(contentsOf: matrix[row * columns..<(row + 1) * columns]) }
    return out
  }

  private static func squares(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }
  }
}
