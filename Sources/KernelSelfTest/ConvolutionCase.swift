import SwiftletKernels

/// One shape of dense convolution with random operands.
public struct ConvolutionCase: Sendable {
  public enum Values: Sendable {
    case random
    /// Weights at their largest, activations all 255 or all 0; outputs show each unit of the sum.
    case largest
    case smallest
  }

  public var kernelHeight = 1
  public var kernelWidth = 1
  public var stride = 1
  public var dilation = 1
  /// Input channels, a multiple of 8; ignored for an image of 4-byte pixels.
  public var inputs = 16
  public var channels = 16
  public var height = 1
  public var width = 1
  /// Raw values of `WeightFormat` and `EpilogueKind`.
  public var format = 1
  public var epilogue = 0
  public var isImage = false
  public var values = Values.random
  /// The part to compute; empty means all.
  public var channelPart = 0..<0
  public var pixelPart = 0..<0
  public var seed = 1

  public init() {}

  public var isFlat: Bool { kernelHeight * kernelWidth == 1 && stride == 1 && !isImage }
  public var groups: Int {
    isImage ? kernelHeight * ((kernelWidth + 1) / 2) : kernelHeight * kernelWidth * inputs / 8
  }

  /// Bytes of output that differ between a kernel and the reference, in range and out of it.
  public func mismatches<M: TestMemory>(
    _ kernel: (ConvolutionJob) -> Void, storageXor: UInt8, in memory: inout M
  ) -> Int {
    var numbers = TestNumbers(seed: seed)
    var job = makeJob(storageXor: storageXor, numbers: &numbers, in: &memory)
    let bytes = job.outputPlane * (channels / 16)
    let actual = job.output
    let expected = memory.make(bytes)
    for p in [actual, expected] {
      for i in 0..<bytes { (p + i).storeBytes(of: 0xA5, as: UInt8.self) }
    }
    kernel(job)
    job.output = expected
    referenceConvolve(job, storageXor: storageXor)
    var wrong = 0
    for i in 0..<bytes
    where (actual + i).load(as: UInt8.self) != (expected + i).load(as: UInt8.self) { wrong += 1 }
    memory.clear()
    return wrong
  }

  /// The job with all its operands.
  public func makeJob<M: TestMemory>(
    storageXor: UInt8, numbers: inout TestNumbers, in memory: inout M
  ) -> ConvolutionJob {
    // The input, with room for what the last tap reads.
    let pixel = isImage ? 4 : 16
    let inputWidth = (width - 1) * stride + (kernelWidth - 1) * dilation + (isImage ? 2 : 1)
    let inputHeight = (height - 1) * stride + (kernelHeight - 1) * dilation + 1
    let line = inputWidth * pixel
    let plane = inputHeight * line
    let inputBytes = (isImage ? 1 : (inputs + 15) / 16) * plane + 128
    let input = memory.make(inputBytes)
    numbers.fill(input, inputBytes)
    if values != .random {
      let q: UInt8 = values == .largest ? 255 : 0
      for i in 0..<inputBytes { (input + i).storeBytes(of: q ^ storageXor, as: UInt8.self) }
    }
    let offsets = memory.make(groups * 4)
    var next = 0
    func add(_ offset: Int) {
      offsets.storeBytes(of: Int32(offset), toByteOffset: next * 4, as: Int32.self)
      next += 1
    }
    if isImage {
      for ky in 0..<kernelHeight {
        for pair in 0..<(kernelWidth + 1) / 2 { add(ky * line + pair * 8) }
      }
    } else {
      for block in 0..<(inputs + 15) / 16 {
        for ky in 0..<kernelHeight {
          for kx in 0..<kernelWidth {
            for half in 0..<min(2, inputs / 8 - block * 2) {
              add(block * plane + ky * dilation * line + kx * dilation * 16 + half * 8)
            }
          }
        }
      }
    }

    let weightBytes = channels * groups * (format == 1 ? 8 : 4)
    let weights = memory.make(weightBytes)
    let fine = memory.make(weightBytes)
    let tables = memory.make(channels * 4)
    let fineTables = memory.make(channels * 4)
    fillWeights(weights, weightBytes, tables, fine, fineTables, &numbers)

    let outputPixel = epilogue == 3 ? 64 : 16
    // Rows of a scattered output have a gap that must stay untouched.
    let outputLine = width * outputPixel + (isFlat ? 0 : 32)
    let outputPlane = height * outputLine + (isFlat ? 0 : 16)
    let residualLine = width * 16 + (isFlat ? 0 : 16)
    let residual = memory.make(channels / 16 * height * residualLine)
    numbers.fill(residual, channels / 16 * height * residualLine)
    let output = memory.make(channels / 16 * outputPlane)
    let scale = memory.make(channels * 4)
    let biasU8 = memory.make(channels * 4)
    let biasS8 = memory.make(channels * 4)
    let outScale = memory.make(channels * 4)
    let outZero = memory.make(channels * 4)
    let scratch = memory.make(convolutionScratchBytes(groups: groups))

    var job = ConvolutionJob(
      input: input, rowStep: stride * line, pixelStep: stride * pixel, offsets: offsets,
      groups: groups, format: format, weights: weights, tables: tables, fine: fine,
      fineTables: fineTables, output: output, outputPlane: outputPlane, outputLine: outputLine,
      channels: channels, height: height, width: width,
      epilogue: Epilogue(
        kind: epilogue, scale: scale, biasU8: biasU8, biasS8: biasS8, outScale: outScale,
        outZero: outZero, residual: residual, residualPlane: height * residualLine,
        residualLine: residualLine, residualScale: 0.3),
      isFlat: isFlat, inputPlane: plane, scratch: scratch)
    if !channelPart.isEmpty {
      job.firstChannel = channelPart.lowerBound
      job.endChannel = channelPart.upperBound
    }
    if !pixelPart.isEmpty {
      job.firstPixel = pixelPart.lowerBound
      job.endPixel = pixelPart.upperBound
    }
    fillConstants(job, scale, biasU8, biasS8, outScale, outZero, &numbers)
    return job
  }

  private func fillWeights(
    _ weights: UnsafeMutableRawPointer, _ bytes: Int, _ tables: UnsafeMutableRawPointer,
    _ fine: UnsafeMutableRawPointer, _ fineTables: UnsafeMutableRawPointer,
    _ numbers: inout TestNumbers
  ) {
    numbers.fill(weights, bytes)
    numbers.fill(fine, bytes)
    // The largest sums come from weights of one sign: all as large as the format allows.
    let sign = seed % 2 == 0 ? 1 : -1
    if format == 1 {
      for i in 0..<bytes {
        let w = values == .random ? numbers.next(-127...127) : sign * 127
        weights.storeBytes(of: Int8(w), toByteOffset: i, as: Int8.self)
      }
    }
    let (coarse, rest) = format == 2 ? (63, 0) : (40, 47)
    for i in 0..<channels * 4 {
      let c = values == .random ? numbers.next(-coarse...coarse) : sign * coarse
      let f = values == .random ? numbers.next(-rest...rest) : sign * rest
      tables.storeBytes(of: Int8(c), toByteOffset: i, as: Int8.self)
      fineTables.storeBytes(of: Int8(f), toByteOffset: i, as: Int8.self)
    }
  }

  /// Constants that spread the outputs over 0...255 and clamp some; every other scale is a power
  /// of two, so that halves occur.
  private func fillConstants(
    _ job: ConvolutionJob, _ scale: UnsafeMutableRawPointer, _ biasU8: UnsafeMutableRawPointer,
    _ biasS8: UnsafeMutableRawPointer, _ outScale: UnsafeMutableRawPointer,
    _ outZero: UnsafeMutableRawPointer, _ numbers: inout TestNumbers
  ) {
    let k = groups * 8
    var spread = format == 2 ? 5400 : 11000
    var root = 1
    while (root + 1) * (root + 1) <= k { root += 1 }
    spread *= root
    for n in 0..<channels {
      var sum: Int32 = 0
      for g in 0..<groups { for i in 0..<8 { sum += Int32(referenceWeight(job, n, g, i)) } }
      var step = (epilogue == 2 ? Float(3) : 60) / Float(spread)
      if n % 2 == 0 {
        var power: Float = 1
        while power > step { power /= 2 }
        step = power
      }
      var bias = Int32(numbers.next(-spread...2 * spread))
      if values != .random {
        // The sum is the same everywhere: what remains is the channel's number.
        bias = Int32(n % 200) - (values == .largest ? 255 * sum : 0)
        step = 1
      } else {
        bias -= 128 * sum
      }
      scale.storeBytes(of: step, toByteOffset: n * 4, as: Float.self)
      biasU8.storeBytes(of: bias, toByteOffset: n * 4, as: Int32.self)
      biasS8.storeBytes(of: bias + 128 * sum, toByteOffset: n * 4, as: Int32.self)
      let factor = n % 4 == 0 ? 4 : Float(numbers.next(50...900)) / 100
      outScale.storeBytes(of: factor, toByteOffset: n * 4, as: Float.self)
      outZero.storeBytes(of: Int32(numbers.next(0...255)), toByteOffset: n * 4, as: Int32.self)
    }
  }
}
