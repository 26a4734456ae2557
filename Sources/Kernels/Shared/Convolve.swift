#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// All pixels of a job for one panel of channels; each instruction set has a form for each of
  /// its tile widths (Tiles.swift).
  protocol Columns {
    /// Blocks of 16 channels to take next when `left` remain.
    static func blocks(_ left: Int) -> Int
    static func run(_ job: ConvolutionJob, _ panel: Panel, _ blocks: Int)
  }

  /// Runs a job: panel after panel, and in each all pixels.
  @inline(__always)
  func convolve(_ job: ConvolutionJob) {
    guard job.firstPixel < job.endPixel else { return }
    if job.isFlat {
      // Two groups of a block of 16 channels lie together.
      place(Flat.self, job, pairs: job.groups / 2)
    } else {
      place(Scattered.self, job, pairs: adjacentPairs(job))
    }
  }

  @inline(__always)
  private func place<P: Placement>(_ placement: P.Type, _ job: ConvolutionJob, pairs: Int) {
    // Few pixels use each weight too seldom for a decoded copy to pay.
    let isShort = P.isFlat && job.endPixel - job.firstPixel <= pixelsDecodedInLoop
    switch job.format {
    case 2 where isShort:
      panels(ShortColumns<CodeWeights>.self, CodeWeights.self, job, pairs, false)
    case 3 where isShort:
      panels(ShortColumns<NestedWeights>.self, NestedWeights.self, job, pairs, false)
    case 2:
      panels(FullColumns<PlainWeights<SmallDot>, P>.self, CodeWeights.self, job, pairs, true)
    case 3:
      panels(FullColumns<PlainWeights<FullDot>, P>.self, NestedWeights.self, job, pairs, true)
    default:
      panels(
        FullColumns<PlainWeights<FullDot>, P>.self, PlainWeights<FullDot>.self, job, pairs, false)
    }
  }

  @inline(__always)
  private func panels<T: Columns, W: Weights>(
    _ columns: T.Type, _ weights: W.Type, _ job: ConvolutionJob, _ pairs: Int, _ decodes: Bool
  ) {
    var channel = job.firstChannel
    while channel < job.endChannel {
      let blocks = T.blocks((job.endChannel - channel) / 16)
      var panel = Panel(
        channel: channel, weights: job.weights + channel / 16 * job.groups * W.groupBytes,
        pairs: pairs)
      if decodes {
        for b in 0..<blocks {
          let target = job.scratch + b * job.groups * 128
          decode(weights, job, channel: channel + b * 16, to: target)
        }
        panel.weights = UnsafeRawPointer(job.scratch)
      }
      T.run(job, panel, blocks)
      channel += blocks * 16
    }
  }

  /// How many leading pairs of groups read 16 adjacent bytes.
  @inline(__always)
  private func adjacentPairs(_ job: ConvolutionJob) -> Int {
    var pairs = 0
    while pairs < job.groups / 2 {
      let at = job.offsets + pairs * 8
      guard (at + 4).load(as: Int32.self) == at.load(as: Int32.self) &+ 8 else { break }
      pairs += 1
    }
    return pairs
  }
#endif
