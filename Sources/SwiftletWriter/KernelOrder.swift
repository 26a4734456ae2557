import SwiftletCore

/// The order of dense weights in a file (docs/format.md, "Weight layout"): which input channel and
/// tap each k of each group is.
struct KernelOrder {
  let groups: Int
  /// For k = 8 * group + i: index into one output channel's [C][kernelHeight][kernelWidth]
  /// weights; -1 for padding.
  let positions: [Int32]

  /// Output channels of both kinds are blocks of 16.
  init(_ record: OperatorRecord, inputChannels channels: Int) {
    let height = record.kernelHeight
    let width = record.kernelWidth
    let taps = height * width
    groups = record.expectedGroups(channels: channels)
    var positions: [Int32] = []
    positions.reserveCapacity(groups * 8)
    if record.code == .pixelConvolution {
      for y in 0..<height {
        for pair in 0..<((width + 1) / 2) {
          for k in 0..<8 {
            let x = 2 * pair + k / 4
            let c = k % 4
            positions.append(
              x < width && c < channels ? Int32((c * height + y) * width + x) : -1)
          }
        }
      }
    } else {
      for block in 0..<((channels + 15) / 16) {
        let halves = channels - 16 * block > 8 ? 2 : 1
        for tap in 0..<taps {
          for half in 0..<halves {
            for k in 0..<8 {
              let c = 16 * block + 8 * half + k
              positions.append(c < channels ? Int32(c * taps + tap) : -1)
            }
          }
        }
      }
    }
    self.positions = positions
  }

  var hasPadding: Bool { positions.contains(-1) }
}
