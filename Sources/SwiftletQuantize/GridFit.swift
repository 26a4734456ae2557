/// Weights of one layer on grids: a row's value is scale * (base + entry of its table).
///
/// All columns are in the sorted order of a `FeedbackBasis`. Rows n share a table in runs of
/// `rowsPerTable`. A table without entries stands for whole numbers within ±limit.
package struct GridFit: Sendable {
  package let rows: Int
  package let count: Int
  /// What the weights should be, [rows, count].
  package var target: [Float]
  /// What one unit of a table is worth, [rows].
  package var scales: [Float]
  package let rowsPerTable: Int
  /// [tables][entries], ascending; in units of `scales`.
  package var tables: [[Float]]
  /// The part of the value that is settled (the coarse plane of a nested pair), [rows, count].
  package var base: [Float]?
  /// The chosen entries, or the whole numbers themselves.
  package var codes: [Int8]
  /// Bound of whole numbers; 0 for tables.
  package let limit: Int
  package let threads: Int

  package init(
    target: [Float], rows: Int, count: Int, scales: [Float], tables: [[Float]],
    rowsPerTable: Int, limit: Int = 0, base: [Float]? = nil, threads: Int = 1
  ) {
    self.rows = rows
    self.count = count
    self.target = target
    self.scales = scales
    self.tables = tables
    self.rowsPerTable = rowsPerTable
    self.limit = limit
    self.base = base
    self.threads = threads
    codes = [Int8](repeating: 0, count: rows * count)
  }

  /// The value of each weight in units of its row's scale.
  package func steps() -> [Float] {
    var out = base ?? [Float](repeating: 0, count: rows * count)
    for n in 0..<rows {
      let table = limit > 0 ? [] : tables[n / rowsPerTable]
      for k in n * count..<(n + 1) * count {
        out[k] += limit > 0 ? Float(codes[k]) : table[Int(codes[k])]
      }
    }
    return out
  }

  /// Scaled values minus target.
  package func errors() -> [Float] {
    var out = steps()
    for n in 0..<rows {
      for k in n * count..<(n + 1) * count { out[k] = out[k] * scales[n] - target[k] }
    }
    return out
  }

  /// The expected squared output error of each row, eᵀ H e.
  package func costs(_ basis: FeedbackBasis) -> [Float] {
    let e = errors()
    let he = basis.product(e, threads: threads)
    return (0..<rows).map { n in
      var sum: Float = 0
      for k in n * count..<(n + 1) * count { sum += e[k] * he[k] }
      return max(sum, 0)
    }
  }

  /// The scale of each row that is best for its codes: s = (q H w) / (q H q). Rows whose values
  /// are all zero keep theirs.
  package mutating func rescale(_ basis: FeedbackBasis) {
    let q = steps()
    let hq = basis.product(q, threads: threads)
    for n in 0..<rows {
      var (qw, qq) = (Double(0), Double(0))
      for k in n * count..<(n + 1) * count {
        qw += Double(hq[k]) * Double(target[k])
        qq += Double(hq[k]) * Double(q[k])
      }
      if qq > 0 && qw > 0 && (qw / qq).isFinite { scales[n] = Float(qw / qq) }
    }
  }

  /// Nearest entries, nothing pushed on.
  package mutating func roundToNearest() {
    withRows { first, count, grid, target, base, codes, scale in
      for k in 0..<count {
        codes[k] = grid.nearest(target[k] / scale - (base?[k] ?? 0)).code
      }
    }
  }

  /// Error feedback over all columns, in blocks.
  package mutating func feedBack(_ basis: FeedbackBasis) {
    let block = 64
    let factor = basis.factor
    let (count, rows, threads) = (self.count, self.rows, self.threads)
    if count == 0 { return }
    let grids = (0..<rows).map { Grid(limit > 0 ? [] : tables[$0 / rowsPerTable], limit: limit) }
    let (target, base, scales) = (self.target, self.base, self.scales)
    // Parts of one size, or the sums would depend on the number of threads.
    let perPart = 24
    codes.withUnsafeMutableBufferPointer { codes in
      nonisolated(unsafe) let codes = codes.baseAddress!
      factor.withUnsafeBufferPointer { factor in
        let c = factor.baseAddress!
        spread((rows + perPart - 1) / perPart, threads: threads) { part in
          let first = part * perPart
          let n = min(perPart, rows - first)
          let errors = UnsafeMutablePointer<Float>.allocate(capacity: n * count)
          let pushed = UnsafeMutablePointer<Float>.allocate(capacity: n * block)
          defer {
            errors.deallocate()
            pushed.deallocate()
          }
          var end = count
          while end > 0 {
            let begin = max(0, end - block)
            let width = end - begin
            // What all later columns ask of this block.
            if end < count {
              multiply(
                n, width, count - end, errors + end, count, c + end * count + begin, count,
                pushed, block)
            } else {
              pushed.update(repeating: 0, count: n * block)
            }
            for r in 0..<n {
              let row = (first + r) * count
              let scale = scales[first + r]
              let push = pushed + r * block
              for p in stride(from: end - 1, through: begin, by: -1) {
                let factorRow = c + p * count
                let wanted = target[row + p] + push[p - begin] / factorRow[p]
                let settled = base == nil ? 0 : base![row + p]
                let choice = grids[first + r].nearest(wanted / scale - settled)
                codes[row + p] = choice.code
                // The error counts from the target, not from what was wanted here.
                let e = target[row + p] - (choice.value + settled) * scale
                errors[r * count + p] = e
                for j in begin..<p { push[j - begin] += e * factorRow[j] }
              }
            }
            end = begin
          }
        }
      }
    }
  }

  /// One round of coordinate descent: each weight moves to the entry that is best with all
  /// others as they are. Never raises a cost. Returns how many weights moved.
  @discardableResult
  package mutating func descend(_ basis: FeedbackBasis) -> Int {
    if count == 0 { return 0 }
    let gradients = basis.product(errors(), threads: threads)
    let (count, rows, threads) = (self.count, self.rows, self.threads)
    let grids = (0..<rows).map { Grid(limit > 0 ? [] : tables[$0 / rowsPerTable], limit: limit) }
    let scales = self.scales
    let perPart = 8
    let parts = (rows + perPart - 1) / perPart
    var moved = [Int](repeating: 0, count: parts)
    let h = basis.moments
    var work = gradients
    work.withUnsafeMutableBufferPointer { work in
      codes.withUnsafeMutableBufferPointer { codes in
        moved.withUnsafeMutableBufferPointer { moved in
          h.withUnsafeBufferPointer { h in
            nonisolated(unsafe) let g = work.baseAddress!
            nonisolated(unsafe) let codes = codes.baseAddress!
            nonisolated(unsafe) let moved = moved.baseAddress!
            let h = h.baseAddress!
            spread(parts, threads: threads) { part in
              for k in 0..<count {
                let hRow = h + k * count
                let curvature = hRow[k]
                if !(curvature > 0) { continue }
                for n in part * perPart..<min((part + 1) * perPart, rows) {
                  let at = n * count + k
                  let scale = scales[n]
                  if !(scale > 0) { continue }
                  let old = grids[n].value(codes[at])
                  let choice = grids[n].nearest(old - g[at] / (curvature * scale))
                  if choice.code == codes[at] || choice.value == old { continue }
                  let step = (choice.value - old) * scale
                  codes[at] = choice.code
                  moved[part] += 1
                  let row = g + n * count
                  for j in 0..<count { row[j] += step * hRow[j] }
                }
              }
            }
          }
        }
      }
    }
    return moved.reduce(0, +)
  }

  private mutating func withRows(
    _ body: (
      Int, Int, Grid, UnsafePointer<Float>, UnsafePointer<Float>?, UnsafeMutablePointer<Int8>, Float
    ) -> Void
  ) {
    let (tables, perTable, limit, scales, count) = (tables, rowsPerTable, limit, scales, count)
    let base = self.base
    target.withUnsafeBufferPointer { target in
      codes.withUnsafeMutableBufferPointer { codes in
        for n in 0..<rows {
          let grid = Grid(limit > 0 ? [] : tables[n / perTable], limit: limit)
          if let base {
            base.withUnsafeBufferPointer {
              body(
                n, count, grid, target.baseAddress! + n * count, $0.baseAddress! + n * count,
                codes.baseAddress! + n * count, scales[n])
            }
          } else if count > 0 {
            body(
              n, count, grid, target.baseAddress! + n * count, nil,
              codes.baseAddress! + n * count, scales[n])
          }
        }
      }
    }
  }
}

/// The values a weight can take: 16 entries, or whole numbers.
struct Grid: Sendable {
  private var entries = SIMD16<Float>(repeating: 0)
  private var middles = SIMD16<Float>(repeating: .infinity)
  private let limit: Float

  /// - Parameter table: up to 16 ascending entries; empty for whole numbers within ±limit.
  init(_ table: [Float], limit: Int) {
    self.limit = Float(limit)
    for i in 0..<min(table.count, 16) {
      entries[i] = table[i]
      if i + 1 < table.count { middles[i] = (table[i] + table[i + 1]) / 2 }
    }
  }

  @inline(__always)
  func nearest(_ x: Float) -> (code: Int8, value: Float) {
    if limit > 0 {
      // NaN (0 / 0 of an all-zero row) becomes 0.
      let value = x == x ? min(max(x, -limit), limit).rounded(.toNearestOrEven) : 0
      return (Int8(value), value)
    }
    var code = 0
    if x > middles[7] { code = 8 }
    if x > middles[code + 3] { code += 4 }
    if x > middles[code + 1] { code += 2 }
    if x > middles[code] { code += 1 }
    return (Int8(code), entries[code])
  }

  @inline(__always)
  func value(_ code: Int8) -> Float { limit > 0 ? Float(code) : entries[Int(code)] }
}
