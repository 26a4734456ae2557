/// 8-bit to float: scale * (q - zeroPoint).
enum Dequantize {
  static func run(_ job: PortableJob) {
    let (from, to) = (job.inputs.0, job.output)
    for block in 0..<to.blocks {
      for y in 0..<to.height {
        let source = from.address(block, y, 0).assumingMemoryBound(to: UInt8.self)
        let target = to.address(block, y, 0).assumingMemoryBound(to: Float.self)
        for i in 0..<to.width * 16 {
          target[i] = job.inputScale * Float(Int(source[i] ^ job.storageXor) - job.inputZero)
        }
      }
    }
  }
}
