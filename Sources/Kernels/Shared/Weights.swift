#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// How eight k are multiplied and added; each instruction set has one for any int8 weights and
  /// one for weights within 63, which can be the same.
  protocol Dot {
    /// Eight k of one pixel, in every channel's lane.
    associatedtype Operand
    /// Activations are multiplied as q - 128 rather than q; chooses the bias.
    static var isSigned: Bool { get }
    /// k 0-7 (half 0) or 8-15 (half 1) of the 16 of x.
    static func operand(_ x: Pixel, _ half: Int) -> Operand
    static func dot8(_ acc: Acc, _ x: Operand, _ even: Bytes, _ odd: Bytes) -> Acc
    /// Tiles take 16 k of a vector of channels at once, by dot16.
    static var takesSixteen: Bool { get }
    static func dot16(
      _ acc: Acc, _ low: Operand, _ high: Operand, _ first: (Bytes, Bytes),
      _ second: (Bytes, Bytes)
    ) -> Acc
  }
  extension Dot {
    @inline(__always) static var takesSixteen: Bool { false }
    @inline(__always)
    static func dot16(
      _ acc: Acc, _ low: Operand, _ high: Operand, _ first: (Bytes, Bytes),
      _ second: (Bytes, Bytes)
    ) -> Acc {
      dot8(dot8(acc, low, first.0, first.1), high, second.0, second.1)
    }
  }

  /// Where the weights of a tile come from.
  protocol Weights {
    associatedtype Product: Dot
    /// Codebooks of one vector of channels.
    associatedtype Tables
    /// Bytes of a group of 8 k and 16 channels.
    static var groupBytes: Int { get }
    /// Planes of codes to decode.
    static var planes: Int { get }
    static func tables(_ job: ConvolutionJob, channel: Int) -> Tables
    /// Two dot vectors: k 0-3 and k 4-7. `fine` is the distance to the second plane.
    static func pair(_ p: UnsafeRawPointer, _ fine: Int, _ tables: Tables) -> (Bytes, Bytes)
  }

  /// int8 as in the file, or decoded into scratch in the same order.
  enum PlainWeights<Product: Dot>: Weights {
    @inline(__always) static var planes: Int { 0 }
    @inline(__always) static var groupBytes: Int { 128 }
    @inline(__always) static func tables(_ job: ConvolutionJob, channel: Int) {}
    @inline(__always)
    static func pair(_ p: UnsafeRawPointer, _ fine: Int, _ tables: Void) -> (Bytes, Bytes) {
      (load(p), load(p + 64))
    }
  }

  /// 4-bit codes, decoded in the loop.
  enum CodeWeights: Weights {
    typealias Product = SmallDot
    @inline(__always) static var planes: Int { 1 }
    @inline(__always) static var groupBytes: Int { 64 }
    @inline(__always) static func tables(_ job: ConvolutionJob, channel: Int) -> Bytes {
      load(job.tables + channel * 4)
    }
    @inline(__always)
    static func pair(_ p: UnsafeRawPointer, _ fine: Int, _ table: Bytes) -> (Bytes, Bytes) {
      let codes = load(p)
      return (lookup(table, lowCodes(codes)), lookup(table, highCodes(codes)))
    }
  }

  /// Two planes of 4-bit codes, decoded in the loop: w = 2 * coarse + fine.
  enum NestedWeights: Weights {
    typealias Product = FullDot
    @inline(__always) static var planes: Int { 2 }
    @inline(__always) static var groupBytes: Int { 64 }
    @inline(__always) static func tables(_ job: ConvolutionJob, channel: Int) -> (Bytes, Bytes) {
      let coarse = load(job.tables + channel * 4)
      return (add8(coarse, coarse), load(job.fineTables + channel * 4))
    }
    @inline(__always)
    static func pair(_ p: UnsafeRawPointer, _ fine: Int, _ tables: (Bytes, Bytes)) -> (Bytes, Bytes)
    {
      let coarse = CodeWeights.pair(p, 0, tables.0), rest = CodeWeights.pair(p + fine, 0, tables.1)
      return (add8(coarse.0, rest.0), add8(coarse.1, rest.1))
    }
  }

  /// Decodes the panel of 16 channels from `channel` into int8, in the order of the file.
  @inline(__always)
  func decode<W: Weights>(
    _ from: W.Type, _ job: ConvolutionJob, channel: Int, to: UnsafeMutableRawPointer
  ) {
    let plane = job.weights + channel / 16 * job.groups * 64
    let fine = job.fine - job.weights
    var part = 0
    while part < 16 {
      let tables = W.tables(job, channel: channel + part)
      var source = plane + part * 4
      var target = to + part * 4
      let end = source + job.groups * 64
      while source < end {
        let (even, odd) = W.pair(source, fine, tables)
        target.storeBytes(of: even, as: Bytes.self)
        (target + 64).storeBytes(of: odd, as: Bytes.self)
        source += 64
        target += 128
      }
      part += width
    }
  }
#endif
