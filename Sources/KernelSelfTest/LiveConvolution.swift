import SwiftletKernels

extension ConvolutionCase {
  /// Blocks of 16 channels of the input.
  public var blocks: Int { (inputs + 15) / 16 }

  /// Live blocks of a job of this case, as bits of `input` and `output`; means are random.
  public func makeLive<M: TestMemory>(
    _ job: ConvolutionJob, input: UInt64, output: UInt64, storageXor: UInt8,
    numbers: inout TestNumbers, in memory: inout M
  ) -> LiveChannels {
    func bytes(_ bits: UInt64, _ count: Int) -> UnsafeRawPointer {
      let p = memory.make(count)
      for i in 0..<count {
        let byte = UInt8(truncatingIfNeeded: bits >> UInt64(i) & 1) ^ storageXor
        p.storeBytes(of: byte, toByteOffset: i, as: UInt8.self)
      }
      return UnsafeRawPointer(p)
    }
    let means = memory.make(blocks * 16)
    numbers.fill(means, blocks * 16)
    let line = channels * 4
    let sumsU8 = memory.make((blocks + 1) * line)
    let sumsS8 = memory.make((blocks + 1) * line)
    setBytes(sumsU8, (blocks + 1) * line, 0)
    setBytes(sumsS8, (blocks + 1) * line, 0)
    func add(_ value: Int32, _ sums: UnsafeMutableRawPointer, _ row: Int, _ n: Int) {
      let at = sums + row * line + n * 4
      at.storeBytes(of: at.load(as: Int32.self) + value, as: Int32.self)
    }
    let taps = kernelHeight * kernelWidth
    for block in 0..<blocks {
      let halves = inputs - block * 16 > 8 ? 2 : 1
      for n in 0..<channels {
        var (unsigned, signed): (Int32, Int32) = (0, 0)
        for tap in 0..<taps {
          for c in 0..<halves * 8 {
            let g = (block * taps) * 2 + tap * halves + c / 8
            let w = Int32(referenceWeight(job, n, g, c % 8))
            let mean = Int32(means.load(fromByteOffset: block * 16 + c, as: UInt8.self))
            unsigned += mean * w
            signed += (mean - 128) * w
          }
        }
        for row in [block, blocks] {
          add(unsigned, sumsU8, row, n)
          add(signed, sumsS8, row, n)
        }
      }
    }
    return LiveChannels(
      input: bytes(input, blocks), output: bytes(output, channels / 16),
      liveByte: 1 ^ storageXor, blocks: blocks, blockGroups: 2 * taps, means: means,
      sumsU8: sumsU8, sumsS8: sumsS8,
      scratch: memory.make(liveScratchBytes(groups: groups, blocks: blocks)))
  }

  /// As `mismatches`, with the blocks that `input` and `output` leave out.
  public func liveMismatches<M: TestMemory>(
    _ kernel: (ConvolutionJob, LiveChannels) -> Void, input: UInt64, output: UInt64,
    storageXor: UInt8, in memory: inout M
  ) -> Int {
    var numbers = TestNumbers(seed: seed)
    var job = makeJob(storageXor: storageXor, numbers: &numbers, in: &memory)
    let live = makeLive(
      job, input: input, output: output, storageXor: storageXor, numbers: &numbers, in: &memory)
    let bytes = job.outputPlane * (channels / 16)
    let actual = job.output
    let expected = memory.make(bytes)
    setBytes(actual, bytes, 0xA5)
    setBytes(expected, bytes, 0xA5)
    kernel(job, live)
    job.output = expected
    referenceConvolveLive(job, live, storageXor: storageXor)
    let wrong = differingBytes(actual, expected, bytes)
    memory.clear()
    return wrong
  }
}

/// Shapes of dense convolutions of which blocks are left out.
public enum LiveCases {
  /// Calls `body` with cases and the live blocks of their inputs and outputs.
  public static func all(_ body: (ConvolutionCase, _ input: UInt64, _ output: UInt64) -> Void) {
    let windows: [(Int, Int, Int)] = [  // height, width, stride
      (1, 1, 1), (3, 3, 1), (3, 3, 2), (1, 1, 2),
    ]
    let sizes: [(Int, Int)] = [(1, 1), (1, 2), (2, 4), (3, 5), (5, 5)]
    let depths: [Int] = [8, 24, 40, 64, 120, 136]
    // Random ones have one live block at least; so has every pattern of a gate.
    let patterns: [UInt64] = [~0, 1, 2, 4, 0b101, 0b110, 0b1001, 0b1_0110, 0b1_1101_0111]
    var turn = 0
    for format in 1...3 {
      for epilogue in 0...3 {
        for window in windows {
          for size in sizes {
            for _ in 0..<3 {
              turn += 1
              var item = ConvolutionCase()
              (item.kernelHeight, item.kernelWidth, item.stride) = window
              (item.height, item.width) = size
              item.format = format
              item.epilogue = epilogue
              item.inputs = depths[turn % depths.count]
              item.channels = 16 * (1 + turn % 9)
              item.seed = turn
              if turn % 4 == 0 {
                item.channelPart = 0..<(16 * (1 + turn / 4 % (item.channels / 16)))
                item.pixelPart = turn / 3 % (size.0 * size.1)..<size.0 * size.1
              }
              body(
                item, alive(patterns[turn % 9], item.blocks),
                alive(patterns[turn / 9 % 9], item.channels / 16))
            }
          }
        }
      }
    }
  }

  /// At least one live block among `count`.
  private static func alive(_ bits: UInt64, _ count: Int) -> UInt64 {
    let some = bits & (1 << UInt64(count) - 1)
    return some == 0 ? 1 : some
  }
}

/// Runs the convolution of a kernel set with channels left out beside the scalar reference.
///
/// - Returns: output bytes that differ; 0 is right.
public func liveConvolutionSelfTest(_ kernels: KernelSet) -> Int {
  var wrong = 0
  var memory = PlainMemory()
  LiveCases.all {
    wrong += $0.liveMismatches(
      kernels.convolveLive, input: $1, output: $2, storageXor: kernels.storageXor, in: &memory)
  }
  return wrong
}
