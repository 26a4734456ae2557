/// Parametric ReLU: y = x for x >= 0, slope[c] * x below, in real values.
enum PRelu {
  static func run(_ job: PortableJob, blocks: Range<Int>) {
    let slopes = job.table.assumingMemoryBound(to: Float.self)
    let scale = job.inputScale / job.outputScale
    for block in blocks {
      for y in 0..<job.output.height {
        let from = job.inputs.0.address(block, y, 0).assumingMemoryBound(to: UInt8.self)
        let to = job.output.address(block, y, 0).assumingMemoryBound(to: UInt8.self)
        for i in 0..<job.output.width * 16 {
          let x = Float(Int(from[i] ^ job.storageXor) - job.inputZero)
          let slope = x < 0 ? slopes[block * 16 + i % 16] : 1
          to[i] = saturate((x * slope) * scale, zero: job.outputZero) ^ job.storageXor
        }
      }
    }
  }
}

/// round(value) + zero within 0...255; any finite value.
@inline(__always)
func saturate(_ value: Float, zero: Int) -> UInt8 {
  let bounded = min(max(value, -1024), 1024).rounded(.toNearestOrEven)
  return UInt8(truncatingIfNeeded: min(max(Int(bounded) + zero, 0), 255))
}
