import SwiftletKernels

/// One shape of depthwise convolution with random operands.
public struct DepthwiseCase: Sendable {
  public var kernelHeight = 3
  public var kernelWidth = 3
  public var strideY = 1
  public var strideX = 1
  public var dilation = 1
  public var padTop = 0
  public var padLeft = 0
  /// Output height and width; the input is as large as they and the padding ask, plus `surplus`
  /// rows and columns that no window reaches.
  public var height = 1
  public var width = 1
  public var padBottom = 0
  public var padRight = 0
  public var surplus = 0
  public var blocks = 1
  /// Raw value of `EpilogueKind`: 0 linear, 1 residual, 2 hard-swish.
  public var epilogue = 0
  /// Weights at +-127 and activations at 0 or 255, rather than random ones.
  public var isExtreme = false
  /// The part to compute; empty means all.
  public var blockPart = 0..<0
  public var rowPart = 0..<0
  public var seed = 1

  public init() {}

  var inputHeight: Int {
    max(1, (height - 1) * strideY + (kernelHeight - 1) * dilation + 1 - padTop - padBottom)
      + surplus
  }
  var inputWidth: Int {
    max(1, (width - 1) * strideX + (kernelWidth - 1) * dilation + 1 - padLeft - padRight)
      + surplus
  }

  /// Bytes of output that differ between a kernel and the reference, in range and out of it.
  public func mismatches<M: TestMemory>(
    _ kernel: (DepthwiseJob) -> Void, storageXor: UInt8, in memory: inout M
  ) -> Int {
    var job = makeJob(storageXor: storageXor, in: &memory)
    // The gap behind the last row counts: other tensors lie there.
    let bytes = job.outputPlane * blocks - 32
    let expected = memory.make(bytes)
    let actual = job.output
    setBytes(actual, bytes, 0xA5)
    setBytes(expected, bytes, 0xA5)
    kernel(job)
    job.output = expected
    referenceDepthwise(job, storageXor: storageXor)
    let wrong = differingBytes(actual, expected, bytes)
    memory.clear()
    return wrong
  }

  /// The job with all its operands.
  public func makeJob<M: TestMemory>(storageXor: UInt8, in memory: inout M) -> DepthwiseJob {
    var numbers = TestNumbers(seed: seed)
    let line = inputWidth * 16
    let plane = inputHeight * line
    let taps = kernelHeight * kernelWidth
    let channels = blocks * 16
    let input = memory.make(blocks * plane + 128)
    let inputZero = memory.make(channels)
    let weights = memory.make(channels * taps)
    numbers.fill(input, blocks * plane + 128)
    numbers.fill(inputZero, channels)
    for i in 0..<channels * taps {
      var w = numbers.next(-127...127)
      if isExtreme { w = numbers.next(0...3) == 0 ? -127 : 127 }
      weights.storeBytes(of: Int8(w), toByteOffset: i, as: Int8.self)
    }
    if isExtreme {
      for i in 0..<blocks * plane {
        let q: UInt8 = numbers.next(0...3) == 0 ? 0 : 255
        input.storeBytes(of: q ^ storageXor, toByteOffset: i, as: UInt8.self)
      }
    }
    let outputLine = width * 16 + 32
    let outputPlane = height * outputLine + 16
    let residualLine = width * 16 + 16
    let residualBytes = blocks * height * residualLine + 128
    let residual = memory.make(residualBytes)
    numbers.fill(residual, residualBytes)
    let output = memory.make(blocks * outputPlane - 32)
    let scratch = memory.make(
      (depthwiseScratchBytes(
        inputWidth: inputWidth, width: width, kernelWidth: kernelWidth, strideX: strideX,
        dilationX: dilation, kernelHeight: kernelHeight) + 63) / 64 * 64)
    let e = makeEpilogue(weights, residual, height * residualLine, residualLine, &numbers, &memory)
    var job = DepthwiseJob(
      input: input, inputPlane: plane, inputLine: line, inputHeight: inputHeight,
      inputWidth: inputWidth, inputZero: inputZero, weights: weights, kernelHeight: kernelHeight,
      kernelWidth: kernelWidth, strideY: strideY, strideX: strideX, dilationY: dilation,
      dilationX: dilation, padTop: padTop, padLeft: padLeft, output: output,
      outputPlane: outputPlane, outputLine: outputLine, height: height, width: width, epilogue: e,
      blocks: blocks, scratch: scratch)
    if !blockPart.isEmpty {
      (job.firstBlock, job.endBlock) = (blockPart.lowerBound, blockPart.upperBound)
    }
    if !rowPart.isEmpty { (job.firstRow, job.endRow) = (rowPart.lowerBound, rowPart.upperBound) }
    return job
  }

  /// Constants that spread the outputs over 0...255 and clamp some; every other scale is a power
  /// of two, so that halves occur.
  private func makeEpilogue<M: TestMemory>(
    _ weights: UnsafeRawPointer, _ residual: UnsafeRawPointer, _ plane: Int, _ line: Int,
    _ numbers: inout TestNumbers, _ memory: inout M
  ) -> Epilogue {
    let taps = kernelHeight * kernelWidth
    let bytes = blocks * 64
    let scale = memory.make(bytes), outScale = memory.make(bytes), outZero = memory.make(bytes)
    let biasU8 = memory.make(bytes), biasS8 = memory.make(bytes)
    for n in 0..<blocks * 16 {
      var sum: Int32 = 0
      for t in 0..<taps {
        let at = (n / 16 * taps + t) * 16 + n % 16
        sum += Int32((weights + at).load(as: Int8.self))
      }
      let spread = 9000 * (taps < 4 ? 1 : taps < 16 ? 3 : 6)
      var step = (epilogue == 2 ? Float(5) : 90) / Float(spread)
      if n % 2 == 0 {
        var power: Float = 1
        while power > step { power /= 2 }
        step = power
      }
      let bias = Int32(numbers.next(-spread / 2...spread)) - 128 * sum
      scale.storeBytes(of: step, toByteOffset: n * 4, as: Float.self)
      biasU8.storeBytes(of: bias, toByteOffset: n * 4, as: Int32.self)
      biasS8.storeBytes(of: bias + 128 * sum, toByteOffset: n * 4, as: Int32.self)
      let factor = n % 4 == 0 ? 4 : Float(numbers.next(50...900)) / 100
      outScale.storeBytes(of: factor, toByteOffset: n * 4, as: Float.self)
      outZero.storeBytes(of: Int32(numbers.next(0...255)), toByteOffset: n * 4, as: Int32.self)
    }
    return Epilogue(
      kind: epilogue, scale: scale, biasU8: biasU8, biasS8: biasS8, outScale: outScale,
      outZero: outZero, residual: residual, residualPlane: plane, residualLine: line,
      residualScale: 0.3)
  }
}

func setBytes(_ p: UnsafeMutableRawPointer, _ bytes: Int, _ value: UInt8) {
  for i in 0..<bytes { p.storeBytes(of: value, toByteOffset: i, as: UInt8.self) }
}

func differingBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ bytes: Int) -> Int {
  var count = 0
  for i in 0..<bytes where (a + i).load(as: UInt8.self) != (b + i).load(as: UInt8.self) {
    count += 1
  }
  return count
}
