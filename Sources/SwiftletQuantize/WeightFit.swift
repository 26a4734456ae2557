import SwiftletWriter

/// How one layer's weights are stored.
package enum WeightForm: String, Sendable, Equatable {
  case code4, nested8, int8
}

/// A layer's weights as integers, [rows, count] in the layer's own order of columns, with what
/// one step is worth in each row.
package struct FittedWeights: Sendable {
  package var weights: QuantizedWeights
  package var steps: [Float]
  package var scales: [Float]
  /// Expected squared output error of each row and the same of the signal, under the covariance.
  package var noise: Double
  package var signal: Double
}

/// What the fit of one layer is told.
package struct FitSettings: Sendable {
  /// Output channels that share a table; 0: all.
  package var channelsPerTable = 4
  /// Rounds of (refit tables, feedback).
  package var refits = 3
  package var descents = 3
  package var threads = 1
  /// Passes over all weights are dropped where rows * count * count is larger than this.
  package var effortLimit = 6_000_000_000.0

  package init() {}
}

/// Finds integer weights for one layer under the second moments of its input.
package struct WeightFit: Sendable {
  let rows: Int
  let count: Int
  let settings: FitSettings
  /// Rows whose weights count for nothing; their weights become exactly 0.
  let silent: [Bool]
  let needsZero: Bool

  /// - Parameters:
  ///   - silent: rows that are to be all zero.
  ///   - needsZero: each table must hold 0 (see "Padding of K" in docs/architecture.md).
  package init(rows: Int, count: Int, settings: FitSettings, silent: [Bool], needsZero: Bool) {
    self.rows = rows
    self.count = count
    self.settings = settings
    self.silent = silent
    self.needsZero = needsZero || silent.contains(true)
  }

  private var rowsPerTable: Int {
    let wanted = settings.channelsPerTable
    return wanted <= 0 || wanted >= rows ? max(rows, 1) : (wanted + 3) / 4 * 4
  }

  private var isHeavy: Bool {
    Double(rows) * Double(count) * Double(count) > settings.effortLimit
  }

  /// The largest magnitude of each row; 1 for silent rows.
  private func reach(_ target: [Float]) -> [Float] {
    (0..<rows).map { n in
      if silent[n] { return 1 }
      let top = target[n * count..<(n + 1) * count].reduce(Float(0)) { max($0, abs($1)) }
      return top > 0 && top.isFinite ? top : 1
    }
  }

  private func silenced(_ target: [Float]) -> [Float] {
    var out = target
    for n in 0..<rows where silent[n] {
      for k in n * count..<(n + 1) * count { out[k] = 0 }
    }
    return out
  }

  // MARK: int8

  /// |w| <= 127, one step size a row.
  package func int8(_ target: [Float], _ basis: FeedbackBasis?) -> FittedWeights {
    let wanted = silenced(target)
    let scales = reach(wanted).map { $0 / 127 }
    var grid = GridFit(
      target: basis?.sorted(wanted) ?? wanted, rows: rows, count: count, scales: scales,
      tables: [], rowsPerTable: 1, limit: 127, threads: settings.threads)
    grid.roundToNearest()
    if let basis {
      // Feedback reaches beyond the largest weight, where the grid ends; keep it where it pays.
      let plain = grid
      let before = plain.costs(basis)
      grid.feedBack(basis)
      if !isHeavy { grid.descend(basis) }
      grid.rescale(basis)
      let after = grid.costs(basis)
      for n in 0..<rows where after[n] >= before[n] {
        for k in n * count..<(n + 1) * count { grid.codes[k] = plain.codes[k] }
        grid.scales[n] = plain.scales[n]
      }
    }
    hush(&grid, zeroCodes: nil)
    return finish(grid, basis, .int8(basis?.unsorted(grid.codes) ?? grid.codes))
  }

  // MARK: one plane

  /// A 16-entry table for each group of rows, |entries| <= limit.
  package func table(
    _ target: [Float], _ basis: FeedbackBasis, limit: Int
  ) -> (grid: GridFit, fitted: FittedWeights) {
    let wanted = basis.sorted(silenced(target))
    var grid = realTables(wanted, scales: reach(wanted), basis: basis, base: nil)
    grid.makeTablesWhole(limit: limit)
    polish(&grid, basis)
    hush(&grid, zeroCodes: true)
    let fitted = finish(
      grid, basis,
      .code4(
        codes: basis.unsorted(grid.codes).map { UInt8($0) }, tables: wholeTables(grid),
        channelsPerTable: rowsPerTable))
    return (grid, fitted)
  }

  /// k-means, then rounds of feedback and refits with real entries.
  private func realTables(
    _ target: [Float], scales: [Float], basis: FeedbackBasis, base: [Float]?
  ) -> GridFit {
    var values = target
    for n in 0..<rows {
      for k in n * count..<(n + 1) * count {
        values[k] = target[k] / scales[n] - (base?[k] ?? 0)
      }
    }
    let weights = (0..<rows).map { silent[$0] ? 0 : scales[$0] }
    let tables = GridFit.tables(
      for: values, scales: weights, rows: rows, count: count, rowsPerTable: rowsPerTable,
      pinsZero: needsZero, threads: settings.threads)
    var grid = GridFit(
      target: target, rows: rows, count: count, scales: scales, tables: tables,
      rowsPerTable: rowsPerTable, base: base, threads: settings.threads)
    grid.feedBack(basis)
    if isHeavy { return grid }
    var best = grid
    var bestCost = grid.costs(basis).reduce(0, +)
    for _ in 0..<settings.refits {
      grid.descend(basis)
      if base == nil { rescaleAudibleRows(&grid, basis) }
      grid.refitTables(basis, pinsZero: needsZero)
      grid.feedBack(basis)
      let cost = grid.costs(basis).reduce(0, +)
      if cost < bestCost {
        best = grid
        bestCost = cost
      }
    }
    return best
  }

  /// Codes again for whole entries: feedback, then descent and scales in turn.
  private func polish(_ grid: inout GridFit, _ basis: FeedbackBasis) {
    grid.feedBack(basis)
    rescaleAudibleRows(&grid, basis)
    if isHeavy { return }
    for _ in 0..<settings.descents {
      let moved = grid.descend(basis)
      rescaleAudibleRows(&grid, basis)
      if moved == 0 { break }
    }
  }

  private func rescaleAudibleRows(_ grid: inout GridFit, _ basis: FeedbackBasis) {
    let old = grid.scales
    grid.rescale(basis)
    for n in 0..<rows where silent[n] { grid.scales[n] = old[n] }
  }

  /// Sets silent rows to the code of 0.
  private func hush(_ grid: inout GridFit, zeroCodes: Bool?) {
    for n in 0..<rows where silent[n] {
      let zero =
        zeroCodes == nil ? 0 : grid.tables[n / grid.rowsPerTable].firstIndex(of: 0) ?? 0
      for k in n * count..<(n + 1) * count { grid.codes[k] = Int8(zero) }
    }
  }

  // MARK: two planes

  /// The first plane of a nested layer leaves room for the second: 2 * 52 + 23 = 127.
  package static let coarseLimit = 52

  /// The second plane on top of a first one, refined under the moments of the 8-bit stream.
  package func nested(
    _ target: [Float], _ basis: FeedbackBasis, coarse: FittedWeights
  ) -> FittedWeights {
    guard case .code4(let hi, let tables, let perTable) = coarse.weights else { return coarse }
    let wanted = basis.sorted(silenced(target))
    // In steps of the fine plane: the coarse one counts double.
    let base = basis.sorted(coarse.steps).map { 2 * $0 }
    var scales = coarse.scales.map { $0 / 2 }
    let used = tables.map { $0.reduce(0) { max($0, abs(Int($1))) } }
    // The scale that fits the first plane best fits the pair too: it decides the residual.
    var probe = GridFit(
      target: wanted, rows: rows, count: count, scales: scales,
      tables: [[Float]](repeating: [Float](repeating: 0, count: 16), count: tables.count),
      rowsPerTable: rowsPerTable, base: base, threads: settings.threads)
    rescaleAudibleRows(&probe, basis)
    scales = probe.scales
    var grid = realTables(wanted, scales: scales, basis: basis, base: base)
    // Entries are whole in these steps, or the sum would not be.
    for t in 0..<grid.tables.count {
      let limit = Float(min(63, 127 - 2 * used[t]))
      grid.tables[t] = grid.tables[t].map { min(max($0, -limit), limit).rounded() }
    }
    grid.feedBack(basis)
    rescaleAudibleRows(&grid, basis)
    if !isHeavy {
      for _ in 0..<settings.descents {
        grid.descend(basis)
        rescaleAudibleRows(&grid, basis)
      }
    }
    hush(&grid, zeroCodes: true)
    return finish(
      grid, basis,
      .nested8(
        coarse: hi, tables: tables, fine: basis.unsorted(grid.codes).map { UInt8($0) },
        fineTables: wholeTables(grid), channelsPerTable: perTable))
  }

  // MARK: results

  private func wholeTables(_ grid: GridFit) -> [[Int8]] { grid.tables.map { $0.map { Int8($0) } } }

  private func finish(
    _ grid: GridFit, _ basis: FeedbackBasis?, _ weights: QuantizedWeights
  ) -> FittedWeights {
    let steps = grid.steps()
    var (noise, signal) = (0.0, 0.0)
    if let basis {
      noise = grid.costs(basis).reduce(0) { $0 + Double($1) }
      let hw = basis.product(grid.target, threads: settings.threads)
      for i in hw.indices { signal += Double(hw[i]) * Double(grid.target[i]) }
    } else {
      for e in grid.errors() { noise += Double(e) * Double(e) }
      for w in grid.target { signal += Double(w) * Double(w) }
    }
    return FittedWeights(
      weights: weights, steps: basis?.unsorted(steps) ?? steps, scales: grid.scales, noise: noise,
      signal: signal)
  }
}
