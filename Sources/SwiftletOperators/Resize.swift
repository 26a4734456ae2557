import SwiftletCore

/// Enlarging and reducing; the rules are those of ONNX Resize (docs/format.md, `option`).
enum Resize {
  /// Where output index `i` lies in the input, as a real coordinate.
  @inline(__always)
  private static func coordinate(_ i: Int, _ rule: ResizeRule, _ input: Int, _ output: Int)
    -> Float
  {
    switch rule {
    case .asymmetric: Float(i) * (Float(input) / Float(output))
    case .halfPixel: (Float(i) + 0.5) * (Float(input) / Float(output)) - 0.5
    case .alignCorners: output == 1 ? 0 : Float(i) * (Float(input - 1) / Float(output - 1))
    }
  }

  @inline(__always)
  private static func nearest(_ i: Int, _ r: OperatorRecord, _ input: Int, _ output: Int) -> Int {
    let at = coordinate(i, r.resizeRule, input, output)
    let whole: Float =
      switch r.nearestRounding {
      case .floor: at.rounded(.down)
      case .halfDown: (at - 0.5).rounded(.up)
      case .halfUp: (at + 0.5).rounded(.down)
      case .ceiling: at.rounded(.up)
      }
    return min(max(Int(whole), 0), input - 1)
  }

  static func runNearest(_ job: PortableJob, blocks: Range<Int>) {
    let (from, to, r) = (job.inputs.0, job.output, job.record)
    for block in blocks {
      for y in 0..<to.height {
        let row = nearest(y, r, from.height, to.height)
        for x in 0..<to.width {
          let column = nearest(x, r, from.width, to.width)
          to.address(block, y, x).copyMemory(from: from.address(block, row, column), byteCount: 16)
        }
      }
    }
  }

  /// Linear along x, then along y, then to the output's scale; each operation rounded to Float.
  /// Of equal scales and zero points, factor and offset are exactly 1 and 0.
  static func runLinear(_ job: PortableJob, blocks: Range<Int>) {
    let (from, to, rule) = (job.inputs.0, job.output, job.record.resizeRule)
    let factor = job.inputScale / job.outputScale
    let offset = Float(job.outputZero) - factor * Float(job.inputZero)
    for block in blocks {
      for y in 0..<to.height {
        let (y0, y1, fy) = neighbours(y, rule, from.height, to.height)
        for x in 0..<to.width {
          let (x0, x1, fx) = neighbours(x, rule, from.width, to.width)
          let a = pixel(job, from, block, y0, x0), b = pixel(job, from, block, y0, x1)
          let c = pixel(job, from, block, y1, x0), d = pixel(job, from, block, y1, x1)
          let top = a + (b - a) * fx
          let bottom = c + (d - c) * fx
          let real = (top + (bottom - top) * fy) * factor + offset
          let value = real.rounded(.toNearestOrEven)
            .clamped(lowerBound: .zero, upperBound: SIMD16(repeating: 255))
          let bytes = SIMD16<UInt8>(truncatingIfNeeded: SIMD16<Int32>(value)) ^ job.storageXor
          to.address(block, y, x).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
        }
      }
    }
  }

  @inline(__always)
  private static func neighbours(_ i: Int, _ rule: ResizeRule, _ input: Int, _ output: Int)
    -> (Int, Int, Float)
  {
    let at = min(max(coordinate(i, rule, input, output), 0), Float(input - 1))
    let low = Int(at.rounded(.down))
    return (low, min(low + 1, input - 1), at - Float(low))
  }

  @inline(__always)
  private static func pixel(
    _ job: PortableJob, _ view: TensorView, _ block: Int, _ y: Int, _ x: Int
  ) -> SIMD16<Float> {
    let bytes = view.address(block, y, x).loadUnaligned(as: SIMD16<UInt8>.self)
    return SIMD16<Float>(bytes ^ job.storageXor)
  }
}
