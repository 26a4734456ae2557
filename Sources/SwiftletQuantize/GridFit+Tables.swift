extension GridFit {
  /// The tables that are best for the codes and scales under the basis: for each table a linear
  /// system in its 16 entries, from the rows that share it. Entries stay ascending; the codes
  /// keep their entries.
  package mutating func refitTables(_ basis: FeedbackBasis, pinsZero: Bool) {
    if count == 0 || limit > 0 { return }
    var wanted = target
    if let base {
      for n in 0..<rows {
        for k in n * count..<(n + 1) * count { wanted[k] -= scales[n] * base[k] }
      }
    }
    let hw = basis.product(wanted, threads: threads)
    let (count, rows, perTable) = (self.count, self.rows, rowsPerTable)
    let (codes, scales, moments) = (self.codes, self.scales, basis.moments)
    // A system for each row, added up in order afterwards: the same sums for any thread count.
    let size = 16 * 16 + 16
    var systems = [Float](repeating: 0, count: rows * size)
    systems.withUnsafeMutableBufferPointer { systems in
      nonisolated(unsafe) let systems = systems.baseAddress!
      moments.withUnsafeBufferPointer { h in
        hw.withUnsafeBufferPointer { hw in
          codes.withUnsafeBufferPointer { codes in
            let (h, hw, codes) = (h.baseAddress!, hw.baseAddress!, codes.baseAddress!)
            spread(rows, threads: threads) { n in
              let sums = UnsafeMutablePointer<Float>.allocate(capacity: 16 * count)
              defer { sums.deallocate() }
              sums.update(repeating: 0, count: 16 * count)
              let system = systems + n * size
              let row = codes + n * count
              for k in 0..<count {
                let sum = sums + Int(row[k]) * count
                let hRow = h + k * count
                for j in 0..<count { sum[j] += hRow[j] }
                system[256 + Int(row[k])] += scales[n] * hw[n * count + k]
              }
              for a in 0..<16 {
                let sum = sums + a * count
                for k in 0..<count { system[a * 16 + Int(row[k])] += sum[k] }
              }
              for i in 0..<256 { system[i] *= scales[n] * scales[n] }
            }
          }
        }
      }
    }
    for t in 0..<tables.count {
      var matrix = [Double](repeating: 0, count: 256)
      var right = [Double](repeating: 0, count: 16)
      for n in t * perTable..<min((t + 1) * perTable, rows) {
        for i in 0..<256 { matrix[i] += Double(systems[n * size + i]) }
        for i in 0..<16 { right[i] += Double(systems[n * size + 256 + i]) }
      }
      solveTable(t, matrix, right, pinsZero: pinsZero)
    }
  }

  private mutating func solveTable(
    _ t: Int, _ matrix: [Double], _ right: [Double], pinsZero: Bool
  ) {
    let old = tables[t]
    let pinned = pinsZero ? old.firstIndex(of: 0) : nil
    var trace = 0.0
    for i in 0..<16 { trace += matrix[i * 16 + i] }
    if !(trace > 0) { return }
    // Unused entries, and directions the data does not settle, stay where they are.
    let ridge = 1e-4 * trace / 16
    var system = matrix
    var x = right
    for i in 0..<16 {
      system[i * 16 + i] += ridge
      x[i] += ridge * Double(old[i])
      if i == pinned {
        for j in 0..<16 {
          system[i * 16 + j] = 0
          system[j * 16 + i] = 0
        }
        system[i * 16 + i] = 1
        x[i] = 0
      }
    }
    for i in 0..<16 {
      for j in 0..<i {
        let mean = (system[i * 16 + j] + system[j * 16 + i]) / 2
        system[i * 16 + j] = mean
        system[j * 16 + i] = mean
      }
    }
    guard let factor = choleskyFactor(system, 16) else { return }
    choleskySolve(factor, 16, &x, rows: 1)
    if x.contains(where: { !$0.isFinite }) { return }
    let values = x.map { Float($0) }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var place = [Int8](repeating: 0, count: 16)
    for (new, oldPlace) in order.enumerated() { place[oldPlace] = Int8(new) }
    tables[t] = order.map { $0 == pinned ? 0 : values[$0] }
    for n in t * rowsPerTable..<min((t + 1) * rowsPerTable, rows) {
      for k in n * count..<(n + 1) * count { codes[k] = place[Int(codes[k])] }
    }
  }

  /// Makes all entries whole numbers within ±limit; the scales take up the step size.
  package mutating func makeTablesWhole(limit: Int) {
    for t in 0..<tables.count {
      let members = t * rowsPerTable..<min((t + 1) * rowsPerTable, rows)
      var usage = [Float](repeating: 0, count: tables[t].count)
      for n in members {
        let weight = scales[n] * scales[n]
        for k in n * count..<(n + 1) * count { usage[Int(codes[k])] += weight }
      }
      let whole = wholeNumbers(tables[t], usage: usage, limit: limit)
      tables[t] = whole.entries.map { Float($0) }
      for n in members { scales[n] /= whole.stepsPerUnit }
    }
  }

  /// The best real tables for values in units of the scales, by k-means, rows weighted by their
  /// scale squared (an error of a row counts as much as the row is large).
  package static func tables(
    for values: [Float], scales: [Float], rows: Int, count: Int, rowsPerTable: Int,
    pinsZero: Bool, threads: Int
  ) -> [[Float]] {
    let number = (rows + rowsPerTable - 1) / max(rowsPerTable, 1)
    var out = [[Float]](repeating: [], count: number)
    out.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out.baseAddress!
      spread(number, threads: threads) { t in
        let members = t * rowsPerTable..<min((t + 1) * rowsPerTable, rows)
        let range = members.lowerBound * count..<members.upperBound * count
        let reach = values[range].reduce(Float(0)) { max($0, abs($1)) }
        var histogram = WeightedHistogram(reach: reach > 0 ? reach : 1, bins: 2048)
        for n in members where scales[n] > 0 {
          let weight = scales[n] * scales[n]
          for k in n * count..<(n + 1) * count where reach > 0 {
            histogram.add(values[k], weight: weight)
          }
        }
        out[t] = optimalCodebook(histogram, pinsZero: pinsZero)
      }
    }
    return out
  }
}
