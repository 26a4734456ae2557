import Foundation
import SwiftletQuantize

/// Noise of an image sensor: normal, its variance a constant (reading) plus a part that grows
/// with the light (shot noise).
package struct SequenceNoise: Sendable {
  /// Deviation in grey levels at level 128; 0 gives clean frames.
  package let sigma: Double
  /// Two fifths of the variance at level 128 are read noise.
  private static var readShare: Double { 0.4 }
  /// [4096] numbers of a normal distribution, in 1/1024.
  private let normal: [Int32]
  /// [256] deviation of each level, in 1/256 levels.
  private let deviation: [Int32]

  package init(sigma: Double) {
    self.sigma = sigma
    var random = SplitMix(seed: 41)
    var values: [Double] = []
    while values.count < 4096 {
      // Box and Muller, 1958.
      let radius = sqrt(-2 * log(1 - Double(random.unit())))
      let angle = 2 * Double.pi * Double(random.unit())
      values.append(radius * cos(angle))
      values.append(radius * sin(angle))
    }
    // A finite sample's own mean and deviation are taken out.
    let mean = values.reduce(0, +) / 4096
    let spread = sqrt(values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4096)
    normal = values.map { Int32((($0 - mean) / spread * 1024).rounded()) }
    deviation = (0..<256).map { level in
      let variance = Self.readShare + (1 - Self.readShare) * Double(level) / 128
      return Int32((sigma * sqrt(variance) * 256).rounded())
    }
  }

  /// Turns `levels`, in 1/256 grey levels, into bytes with the noise of frame `seed`.
  package func write(_ levels: [Int32], seed: UInt64, to out: UnsafeMutablePointer<UInt8>) {
    var mixer = SplitMix(seed: seed)
    var random = mixer.next() | 1
    normal.withUnsafeBufferPointer { normal in
      deviation.withUnsafeBufferPointer { deviation in
        levels.withUnsafeBufferPointer { levels in
          for i in 0..<levels.count {
            var level = levels[i]
            if sigma > 0 {
              // xorshift64 (Marsaglia, 2003).
              random ^= random &<< 13
              random ^= random &>> 7
              random ^= random &<< 17
              let light = Int(max(0, min(255, level &>> 8)))
              level &+= (normal[Int(random &>> 40 & 4095)] &* deviation[light]) &>> 10
            }
            out[i] = UInt8(truncatingIfNeeded: max(0, min(255, (level &+ 128) &>> 8)))
          }
        }
      }
    }
  }
}
