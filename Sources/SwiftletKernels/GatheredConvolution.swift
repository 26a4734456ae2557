// A layer with blocks of channels left out. A kernel knows nothing of it: what is live is put
// together in scratch (weights, offsets, constants) and becomes an ordinary job of fewer groups and
// channels. What is left out of the input adds a constant to the bias.

/// Blocks of 16 output channels that are put together for one call of a kernel.
private let panelBlocks = 4

/// Up to so many pixels of a plain product, the input is put together too.
private let pixelsCopied = 16

#if arch(x86_64)
  /// A kernel is faster with several blocks of output channels than with one, so that gathering
  /// scattered ones pays.
  private let gathersOutputs = true
  /// Up to so many pixels of a plain product, moving weights takes longer than using them: all are
  /// used, on an input that holds the means. Up to twice as many if a quarter at most is left out.
  private let pixelsFilled = 8
#else
  private let gathersOutputs = false
  private let pixelsFilled = 0
#endif

/// Scratch of one thread for the live part of a convolution, beside the kernel's own.
public func liveScratchBytes(groups: Int, blocks: Int) -> Int {
  (groups * 4 + 63) & ~63 + panelBlocks * (groups * 128 + 6 * 64)
    + blocks * pixelsCopied * 16 + 256
}

/// Computes the live blocks among the job's channels with an ordinary kernel.
///
/// - Parameters:
///   - whole: `scratch` is the kernel's own.
///   - isSigned: the kernel starts from biasS8 for weights of this format.
@inline(never)
func convolveGathered(
  _ whole: ConvolutionJob, _ live: LiveChannels, isSigned: Bool,
  _ kernel: (ConvolutionJob) -> Void
) {
  var first = -1
  var second = -1
  var count = 0
  var isEven = true
  for block in 0..<live.blocks where live.isInputLive(block) {
    if count == 0 { first = block }
    if count == 1 { second = block }
    isEven = isEven && block == first + count * (second - first)
    count += 1
  }
  let end = whole.endChannel / 16
  var at = whole.firstChannel / 16
  let pixels = whole.height * whole.width
  var job = whole
  var isWhole = count == live.blocks
  let reach = 4 * count >= 3 * live.blocks ? 2 * pixelsFilled : pixelsFilled
  if !isWhole && whole.isFlat && pixels <= reach {
    gatherInput(whole, live, live.scratch, fills: true)
    job.input = UnsafeRawPointer(live.scratch)
    job.inputPlane = pixels * 16
    isWhole = true
  }
  if isWhole && !(gathersOutputs && pixels > pixelsCopied && isScattered(live, at, end)) {
    while true {
      let run = live.outputRun(at, end)
      if run.first == run.end { return }
      (job.firstChannel, job.endChannel) = (run.first * 16, run.end * 16)
      kernel(job)
      at = run.end
    }
  }

  var memory = live.scratch
  job.groups = gatherOffsets(whole, live, memory)
  job.offsets = UnsafeRawPointer(memory)
  memory += (whole.groups * 4 + 63) & ~63
  if whole.isFlat {
    if isEven {
      // One distance between all of them: still a plain product.
      job.input += first * whole.inputPlane
      job.inputPlane *= max(second - first, 1)
    } else if pixels <= pixelsCopied {
      gatherInput(whole, live, memory, fills: false)
      job.input = UnsafeRawPointer(memory)
      job.inputPlane = pixels * 16
    } else {
      job.isFlat = false
    }
  }
  memory += live.blocks * pixelsCopied * 16 + 256
  job.firstChannel = 0
  while true {
    let first = live.nextOutput(at, end)
    if first == end { return }
    // As many as lie at one distance from each other.
    var next = live.nextOutput(first + 1, end)
    let step = next - first
    var blocks = 1
    while blocks < panelBlocks && next < end && next == first + blocks * step {
      blocks += 1
      next = live.nextOutput(next + 1, end)
    }
    at = first + (blocks - 1) * step + 1
    let panel = panelJob(whole, job, live, first, step, blocks, count, isSigned, memory)
    kernel(panel)
  }
}

/// Whether live blocks of the output stand alone rather than side by side.
@inline(never)
private func isScattered(_ live: LiveChannels, _ from: Int, _ end: Int) -> Bool {
  var (runs, blocks) = (0, 0)
  var at = from
  while true {
    let run = live.outputRun(at, end)
    if run.first == run.end { return blocks > 1 && 2 * runs > blocks }
    runs += 1
    blocks += run.end - run.first
    at = run.end
  }
}

/// Offsets of the live groups, one after another.
///
/// - Returns: how many there are.
private func gatherOffsets(
  _ job: ConvolutionJob, _ live: LiveChannels, _ memory: UnsafeMutableRawPointer
) -> Int {
  let from = job.offsets.assumingMemoryBound(to: Int32.self)
  let to = memory.assumingMemoryBound(to: Int32.self)
  var count = 0
  for block in 0..<live.blocks where live.isInputLive(block) {
    let first = block * live.blockGroups
    for g in first..<min(first + live.blockGroups, job.groups) {
      to[count] = from[g]
      count += 1
    }
  }
  return count
}

/// Live planes of few pixels, one after another; `fills`: the others too, holding means.
private func gatherInput(
  _ job: ConvolutionJob, _ live: LiveChannels, _ memory: UnsafeMutableRawPointer, fills: Bool
) {
  let bytes = job.height * job.width * 16
  var to = memory
  for block in 0..<live.blocks {
    if live.isInputLive(block) {
      to.copyMemory(from: job.input + block * job.inputPlane, byteCount: bytes)
      to += bytes
    } else if fills {
      let means = (live.means + block * 16).loadUnaligned(as: SIMD16<UInt8>.self)
      let stored = means ^ SIMD16(repeating: live.liveByte ^ 1)
      for _ in 0..<bytes / 16 {
        to.storeBytes(of: stored, as: SIMD16<UInt8>.self)
        to += 16
      }
    }
  }
}

/// The job of output blocks first, first + step, ... with everything of theirs gathered;
/// `liveInputs` blocks of the input are live.
private func panelJob(
  _ whole: ConvolutionJob, _ gathered: ConvolutionJob, _ live: LiveChannels, _ first: Int,
  _ step: Int, _ blocks: Int, _ liveInputs: Int, _ isSigned: Bool,
  _ scratch: UnsafeMutableRawPointer
) -> ConvolutionJob {
  var job = gathered
  var memory = scratch
  /// 64 bytes of each block.
  func gather(_ from: UnsafeRawPointer) -> UnsafeRawPointer {
    let start = memory
    for b in 0..<blocks {
      memory.copyMemory(from: from + (first + b * step) * 64, byteCount: 64)
      memory += 64
    }
    return UnsafeRawPointer(start)
  }
  let e = whole.epilogue
  job.channels = blocks * 16
  job.endChannel = blocks * 16
  job.output += first * whole.outputPlane
  job.outputPlane *= step
  job.epilogue.residual += first * e.residualPlane
  job.epilogue.residualPlane *= step
  job.epilogue.scale = gather(e.scale)
  if e.kind == 2 {
    job.epilogue.outScale = gather(e.outScale)
    job.epilogue.outZero = gather(e.outZero)
  }
  if whole.format > 1 { job.tables = gather(whole.tables) }
  if whole.format > 2 { job.fineTables = gather(whole.fineTables) }
  // What is left out, added; or all and less what is live, if that is fewer.
  let isMostlyOut = 2 * liveInputs < live.blocks
  let bias = gather(isSigned ? e.biasS8 : e.biasU8)
  for b in 0..<blocks {
    let sums = (isSigned ? live.sumsS8 : live.sumsU8) + (first + b * step) * 64
    let line = whole.channels * 4
    let to = UnsafeMutableRawPointer(mutating: bias) + b * 64
    var sum = to.load(as: SIMD16<Int32>.self)
    if isMostlyOut { sum &+= (sums + live.blocks * line).loadUnaligned(as: SIMD16<Int32>.self) }
    for block in 0..<live.blocks where live.isInputLive(block) == isMostlyOut {
      let part = (sums + block * line).loadUnaligned(as: SIMD16<Int32>.self)
      sum = isMostlyOut ? sum &- part : sum &+ part
    }
    to.storeBytes(of: sum, as: SIMD16<Int32>.self)
  }
  job.epilogue.biasU8 = bias
  job.epilogue.biasS8 = bias

  let groupBytes = whole.format == 1 ? 128 : 64
  /// One plane of weights.
  func weights(_ from: UnsafeRawPointer) -> UnsafeRawPointer {
    let start = memory
    for b in 0..<blocks {
      let source = from + (first + b * step) * whole.groups * groupBytes
      var block = 0
      while block < live.blocks {
        // Neighbours in one piece.
        let from = block
        while block < live.blocks && live.isInputLive(block) { block += 1 }
        if block > from {
          let begin = from * live.blockGroups
          let bytes = (min(block * live.blockGroups, whole.groups) - begin) * groupBytes
          memory.copyMemory(from: source + begin * groupBytes, byteCount: bytes)
          memory += bytes
        }
        block += 1
      }
    }
    return UnsafeRawPointer(start)
  }
  job.weights = weights(whole.weights)
  if whole.format > 2 { job.fine = weights(whole.fine) }
  return job
}
