import KernelSelfTest
import SwiftletKernels

/// Time of layers of which blocks of channels are left out, as a share of the whole layer's, and
/// how much of the share left out is saved. Blocks are spread evenly or drawn at random.
func benchLive(_ candidate: Candidate) {
  print("\(candidate.name): us of the whole layer; time as a share of it (saved / left out)")
  print(
    padded("layer", 26) + padded("live", 7) + padded("us", 8)
      + ["input", "output", "both"].map { padded($0, 16) }.joined())
  for (side, channels, pixels) in [
    (3, 128, 14), (1, 256, 14), (3, 512, 7), (1, 512, 4), (1, 512, 3), (1, 1024, 1),
  ] {
    for format in [1, 2, 3] {
      for isRandom in [false, true] {
        for live in [4, 3, 2, 1] {
          var item = ConvolutionCase()
          (item.kernelHeight, item.kernelWidth) = (side, side)
          (item.inputs, item.channels) = (channels, channels)
          (item.height, item.width) = (pixels, pixels)
          item.format = format
          var memory = PlainMemory()
          var numbers = TestNumbers(seed: 1)
          let job = item.makeJob(
            storageXor: candidate.storageXor, numbers: &numbers, in: &memory)
          let blocks = channels / 16
          let some = mask(blocks, live * blocks / 4, isRandom, &numbers)
          let jobs = [(some, ~0), (~0, some), (some, some)].map {
            item.makeLive(
              job, input: $0.0, output: $0.1, storageXor: candidate.storageXor,
              numbers: &numbers, in: &memory)
          }
          let times = best(
            [{ candidate.convolve(job) }]
              + jobs.map { one in
                { candidate.convolveLive(job, one) }
              })
          let name =
            "\(side)x\(side) \(channels) at \(pixels), \(["int8", "code4", "nested8"][format - 1])"
          var line = padded(name, 26) + padded("\(live)/4\(isRandom ? "r" : "")", 7)
          line += padded("\(Int(times[0] * 1e6 + 0.5))", 8)
          let share = Double(live) / 4
          for (i, left) in [share, share, share * share].enumerated() {
            let ratio = times[i + 1] / times[0]
            let saved = left < 1 ? Int(100 * (1 - ratio) / (1 - left) + 0.5) : 100
            line += padded("\(Double(Int(ratio * 1000 + 0.5)) / 1000) (\(saved)%)", 16)
          }
          print(line)
          memory.clear()
        }
      }
    }
  }
}

/// `count` live ones of `blocks`, the first of every few or random.
private func mask(
  _ blocks: Int, _ count: Int, _ isRandom: Bool, _ numbers: inout TestNumbers
) -> UInt64 {
  var bits: UInt64 = 0
  if isRandom {
    while bits.nonzeroBitCount < count { bits |= 1 << UInt64(numbers.next(0...blocks - 1)) }
    return bits
  }
  for i in 0..<count { bits |= 1 << UInt64(i * blocks / count) }
  return bits
}

/// Best seconds of each of several bodies, taken in turns.
private func best(_ bodies: [() -> Void]) -> [Double] {
  var times = [Double](repeating: .infinity, count: bodies.count)
  for body in bodies { body() }
  for _ in 0..<15 {
    for (i, body) in bodies.enumerated() {
      let once = seconds()
      body()
      let repeats = max(1, Int(0.002 / max(seconds() - once, 1e-7)))
      let from = seconds()
      for _ in 0..<repeats { body() }
      times[i] = min(times[i], (seconds() - from) / Double(repeats))
    }
  }
  return times
}
