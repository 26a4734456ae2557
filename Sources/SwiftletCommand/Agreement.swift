import Swiftlet
import SwiftletCore
import SwiftletVision
import SwiftletWriter

/// How often the file just written gives the float network's first answer on the photos it was
/// calibrated with, at each width of its weights. Empty for a network that does not classify.
func agreements(
  of path: String, with network: FloatNetwork, on photos: [[UInt8]],
  _ preprocessing: Preprocessing, threads: Int, progress: (Double) -> Void
) throws(SwiftletError) -> [AgreementRecord] {
  let model = try Model(mapping: path)
  var session = try Session(model, threads: threads)
  let shape = session.outputShape(0)
  guard session.outputCount == 1, shape.height == 1, shape.width == 1, shape.channels > 1 else {
    return []
  }
  let isNested = model.contents.operators.contains { $0.weightFormat == .nested8 }
  let modes: [Bits] = isNested ? [.four, .eight] : [.four]
  var same = [Int](repeating: 0, count: modes.count)
  for (number, pixels) in photos.enumerated() {
    let wanted = largest(try network.run(pixels, preprocessing, opensGates: true))
    session.input.write(pixels, channels: network.shape.channels)
    for (i, bits) in modes.enumerated() {
      try session.setBits(bits)
      session.run()
      if largest(Array(session.output(0))) == wanted { same[i] += 1 }
    }
    progress(Double(number + 1) / Double(photos.count))
  }
  // A file without codebooks (int8) runs at 8 bits alone.
  let hasCodes = model.contents.operators.contains { $0.weightFormat == .code4 }
  return modes.indices.map { i in
    AgreementRecord(
      bits: isNested || hasCodes ? modes[i].rawValue : 8, photos: photos.count,
      share: Float(same[i]) / Float(photos.count))
  }
}

extension PixelTarget {
  /// Stores pixels [height][width][channels] that already have the network's size and order.
  fileprivate func write(_ pixels: [UInt8], channels: Int) {
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          base.storeBytes(
            of: pixels[(y * width + x) * channels + c] ^ xor, toByteOffset: y * line + x * 4 + c,
            as: UInt8.self)
        }
      }
    }
  }
}
