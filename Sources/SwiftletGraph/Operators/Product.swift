import COpenBLAS
import SwiftletCore

/// Products of float matrices on OpenBLAS.
enum Product {
  /// C [m, n] = A [m, k] B [k, n] + beta C; a transposed operand is stored the other way round.
  static func multiply(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, transposesA: Bool = false,
    _ b: UnsafePointer<Float>, transposesB: Bool = false, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>
  ) {
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
      if beta == 0 { c.update(repeating: 0, count: m * n) }
      return
    }
    cblas_sgemm(
      CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans,
      transposesB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(transposesA ? m : k), b, blasint(transposesB ? k : n), beta, c, blasint(n))
  }

  static func gemmShape(_ a: [Int], _ b: [Int], _ attributes: GemmAttributes)
    throws(Fault) -> (m: Int, n: Int, k: Int)
  {
    guard a.count == 2, b.count == 2 else {
      throw Fault(expected: "two matrices", found: "shapes \(a) and \(b)")
    }
    let (m, k) = attributes.transposesA ? (a[1], a[0]) : (a[0], a[1])
    let (n, depth) = attributes.transposesB ? (b[0], b[1]) : (b[1], b[0])
    guard k == depth else {
      throw Fault(expected: "matrices of one inner extent", found: "shapes \(a) and \(b)")
    }
    try Shape.count([m, n])
    return (m, n, k)
  }

  static func gemm(_ a: Tensor, _ b: Tensor, _ c: Tensor?, _ attributes: GemmAttributes)
    throws(Fault) -> Tensor
  {
    let (m, n, k) = try gemmShape(a.shape, b.shape, attributes)
    let x = try a.requireFloats("A")
    let y = try b.requireFloats("B")
    var result = [Float](repeating: 0, count: m * n)
    if m > 0, n > 0, k > 0 {
      // SAFETY: gemmShape proved that the shapes hold m k, k n and m n elements.
      result.withUnsafeMutableBufferPointer { result in
        x.withUnsafeBufferPointer { x in
          y.withUnsafeBufferPointer { y in
            multiply(
              m: m, n: n, k: k, x.baseAddress!, transposesA: attributes.transposesA,
              y.baseAddress!, transposesB: attributes.transposesB, into: result.baseAddress!)
          }
        }
      }
    }
    if attributes.alpha != 1 { for i in result.indices { result[i] *= attributes.alpha } }
    let product = Tensor(shape: [m, n], floats: result)
    guard let c, attributes.beta != 0 else { return product }
    guard try Shape.broadcast(c.shape, [m, n]) == [m, n] else {
      throw Fault(expected: "C that broadcasts to [\(m), \(n)]", found: "shape \(c.shape)")
    }
    var addend = c
    if attributes.beta != 1 {
      addend = Tensor(shape: c.shape, floats: try c.requireFloats("C").map { $0 * attributes.beta })
    }
    return try Elementwise.run(.add, product, addend)
  }

  /// Shapes of a stacked product as (stack of A, stack of B, m, n, k, result).
  static func matMulShape(_ a: [Int], _ b: [Int]) throws(Fault) -> MatMulShape {
    guard !a.isEmpty, !b.isEmpty else {
      throw Fault(expected: "at least one axis each", found: "shapes \(a) and \(b)")
    }
    let left = a.count == 1 ? [1, a[0]] : a
    let right = b.count == 1 ? [b[0], 1] : b
    let m = left[left.count - 2]
    let k = left[left.count - 1]
    let n = right[right.count - 1]
    guard right[right.count - 2] == k else {
      throw Fault(expected: "matrices of one inner extent", found: "shapes \(a) and \(b)")
    }
    let stackA = Array(left.dropLast(2))
    let stackB = Array(right.dropLast(2))
    let stack = try Shape.broadcast(stackA, stackB)
    let result = stack + (a.count == 1 ? [] : [m]) + (b.count == 1 ? [] : [n])
    try Shape.count(stack + [m, n])
    return MatMulShape(
      stackA: stackA, stackB: stackB, stack: stack, m: m, n: n, k: k, result: result)
  }

  static func matMul(_ a: Tensor, _ b: Tensor) throws(Fault) -> Tensor {
    let shape = try matMulShape(a.shape, b.shape)
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let count = shape.stack.reduce(1, *)
    let x = try a.requireFloats("A")
    let y = try b.requireFloats("B")
    // Which matrix of each stack takes part: the gather of expanded counters.
    func members(_ stack: [Int]) -> [Int64] {
      let own = stack.reduce(1, *)
      let counters = Tensor(shape: stack, integers: (0..<own).map { Int64($0) })
      return counters.expanded(to: shape.stack).integers ?? []
    }
    let left = members(shape.stackA)
    let right = members(shape.stackB)
    var result = [Float](repeating: 0, count: count * m * n)
    if m > 0, n > 0, k > 0, count > 0 {
      result.withUnsafeMutableBufferPointer { result in
        x.withUnsafeBufferPointer { x in
          y.withUnsafeBufferPointer { y in
            for index in 0..<count {
              multiply(
                m: m, n: n, k: k, x.baseAddress! + Int(left[index]) * m * k,
                y.baseAddress! + Int(right[index]) * k * n,
                into: result.baseAddress! + index * m * n)
            }
          }
        }
      }
    }
    return Tensor(shape: shape.result, floats: result)
  }
}

struct MatMulShape {
  var stackA: [Int]
  var stackB: [Int]
  var stack: [Int]
  var m: Int
  var n: Int
  var k: Int
  var result: [Int]
}
