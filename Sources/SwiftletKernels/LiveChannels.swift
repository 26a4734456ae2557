/// Live blocks of a layer's input and output.
///
/// acc[n] = bias[n] + sum over live input blocks of q * w + sum over the others of mean * w.
@frozen public struct LiveChannels {
  /// A byte for each block of the input, `liveByte` where it is live; nil: all are.
  public var input: UnsafeRawPointer?
  /// The same for the output: other blocks are not computed.
  public var output: UnsafeRawPointer?
  public var liveByte: UInt8
  /// Blocks of the input.
  public var blocks: Int
  /// Groups of 8 k of a whole block of the input; the last one may have half as many.
  public var blockGroups: Int
  /// What q counts as where a block is left out: UInt8 [blocks * 16].
  public var means: UnsafeRawPointer
  /// Sums of mean * w: Int32 [blocks + 1][channels], and of (mean - 128) * w; the last row is the
  /// sum of the others.
  public var sumsU8: UnsafeRawPointer
  public var sumsS8: UnsafeRawPointer
  /// liveScratchBytes(...), 64-aligned.
  public var scratch: UnsafeMutableRawPointer

  /// Memberwise.
  @inlinable
  public init(
    input: UnsafeRawPointer?, output: UnsafeRawPointer?, liveByte: UInt8, blocks: Int,
    blockGroups: Int, means: UnsafeRawPointer, sumsU8: UnsafeRawPointer,
    sumsS8: UnsafeRawPointer, scratch: UnsafeMutableRawPointer
  ) {
    self.input = input
    self.output = output
    self.liveByte = liveByte
    self.blocks = blocks
    self.blockGroups = blockGroups
    self.means = means
    self.sumsU8 = sumsU8
    self.sumsS8 = sumsS8
    self.scratch = scratch
  }

  @inlinable public func isInputLive(_ block: Int) -> Bool {
    guard let input else { return true }
    return input.load(fromByteOffset: block, as: UInt8.self) == liveByte
  }

  @inlinable public func isOutputLive(_ block: Int) -> Bool {
    guard let output else { return true }
    return output.load(fromByteOffset: block, as: UInt8.self) == liveByte
  }

  /// The first live block of the output in `from..<end`; `end` if there is none.
  @inlinable public func nextOutput(_ from: Int, _ end: Int) -> Int {
    var block = from
    while block < end && !isOutputLive(block) { block += 1 }
    return block
  }

  /// Live blocks of the output that follow each other from the first one in `from..<end` on.
  @inlinable public func outputRun(_ from: Int, _ end: Int) -> (first: Int, end: Int) {
    let first = nextOutput(from, end)
    var last = first
    while last < end && isOutputLive(last) { last += 1 }
    return (first, last)
  }
}
