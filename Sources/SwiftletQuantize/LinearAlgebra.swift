import COpenBLAS
import Dispatch

// Dense products and factors on OpenBLAS, row major. Products run on one thread each: the work
// around them is spread over threads instead, so results do not depend on the thread count.

/// Runs `body` for 0..<count on up to `threads` threads; each index must write its own memory.
package func spread(_ count: Int, threads: Int, _ body: (Int) -> Void) {
  openblas_set_num_threads(1)
  if threads <= 1 || count <= 1 {
    for i in 0..<count { body(i) }
    return
  }
  let workers = min(threads, count)
  withoutActuallyEscaping(body) { body in
    // SAFETY: concurrentPerform returns when all calls have; each index writes its own memory.
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      var i = worker
      while i < count {
        body(i)
        i += workers
      }
    }
  }
}

/// c[m, n] = alpha * a[m, k] * b[k, n] + beta * c, each matrix with its row length.
package func multiply(
  _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1, _ a: UnsafePointer<Float>, _ lda: Int,
  transposedA: Bool = false, _ b: UnsafePointer<Float>, _ ldb: Int, transposedB: Bool = false,
  beta: Float = 0, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  if m == 0 || n == 0 { return }
  cblas_sgemm(
    CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans,
    transposedB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
    blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
}

/// aᵀ a / rows for a [rows, columns]: a full symmetric [columns, columns].
package func gram(_ a: [Float], rows: Int, columns: Int) -> [Float] {
  openblas_set_num_threads(1)
  var c = [Float](repeating: 0, count: columns * columns)
  if rows == 0 { return c }
  cblas_ssyrk(
    CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(rows), 1 / Float(rows), a,
    blasint(columns), 0, &c, blasint(columns))
  for i in 0..<columns {
    for j in 0..<i { c[j * columns + i] = c[i * columns + j] }
  }
  return c
}

/// The lower factor C of a symmetric positive definite matrix, C Cᵀ = a ([n, n]); zeros above
/// the diagonal. Nil if `a` is not positive definite.
package func choleskyFactor(_ a: [Double], _ n: Int) -> [Double]? {
  openblas_set_num_threads(1)
  var c = a
  var (size, info) = (Int32(n), Int32(0))
  // LAPACK stores columns: its upper triangle is our lower one.
  dpotrf_("U", &size, &c, &size, &info)
  if info != 0 { return nil }
  for i in 0..<n {
    for j in (i + 1)..<max(n, i + 1) { c[i * n + j] = 0 }
  }
  return c
}

/// x with (C Cᵀ) x = b for the rows of `b` ([rows, n]), by the factor of `choleskyFactor`.
package func choleskySolve(_ factor: [Double], _ n: Int, _ b: inout [Double], rows: Int) {
  openblas_set_num_threads(1)
  if n == 0 || rows == 0 { return }
  // Rows of b are right-hand sides: x (C Cᵀ) = b from the right.
  cblas_dtrsm(
    CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(rows), blasint(n),
    1, factor, blasint(n), &b, blasint(n))
  cblas_dtrsm(
    CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, blasint(rows), blasint(n),
    1, factor, blasint(n), &b, blasint(n))
}
