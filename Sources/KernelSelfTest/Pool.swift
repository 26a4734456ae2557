import SwiftletKernels

/// One shape of a pool with random operands.
public struct PoolCase: Sendable {
  public enum Operator: Int, Sendable { case max, average, globalAverage }

  public var kind = Operator.max
  public var kernelHeight = 3
  public var kernelWidth = 3
  public var stride = 1
  public var dilation = 1
  public var padTop = 0
  public var padLeft = 0
  public var padBottom = 0
  public var padRight = 0
  public var inputHeight = 5
  public var inputWidth = 5
  public var blocks = 1
  public var countsPadding = false
  /// Rows to compute; empty means all.
  public var rowPart = 0..<0
  public var seed = 1

  public init() {}

  var height: Int {
    (inputHeight + padTop + padBottom - (kernelHeight - 1) * dilation - 1) / stride + 1
  }
  var width: Int {
    (inputWidth + padLeft + padRight - (kernelWidth - 1) * dilation - 1) / stride + 1
  }

  /// Calls `body` with every case.
  public static func all(_ body: (PoolCase) -> Void) {
    windows(body)
    var turn = 0
    for (height, width) in [(1, 1), (1, 3), (2, 4), (3, 5), (7, 7), (14, 14), (33, 9), (40, 70)] {
      turn += 1
      var item = PoolCase()
      item.kind = .globalAverage
      (item.inputHeight, item.inputWidth) = (height, width)
      (item.kernelHeight, item.kernelWidth) = (1, 1)
      item.blocks = 2
      item.seed = turn
      body(item)
    }
  }

  private static func windows(_ body: (PoolCase) -> Void) {
    let kernels: [(Int, Int, Int, Int)] = [  // height, width, stride, dilation
      (1, 1, 1, 1), (2, 2, 2, 1), (3, 3, 2, 1), (3, 3, 1, 1), (5, 5, 1, 1), (9, 9, 1, 1),
      (13, 13, 1, 1), (3, 5, 3, 1), (3, 3, 1, 2), (1, 7, 1, 1), (2, 3, 1, 1), (7, 7, 7, 1),
    ]
    var turn = 0
    for kind in [Operator.max, .average] {
      for kernel in kernels {
        for size in [1, 2, 3, 4, 5, 7, 8, 13, 14, 20, 28, 56] {
          turn += 1
          var item = PoolCase()
          item.kind = kind
          (item.kernelHeight, item.kernelWidth, item.stride, item.dilation) = kernel
          (item.inputHeight, item.inputWidth) = (size * 7 % 9 + 1, size)
          // At most half a window of padding, so that no window lies wholly outside.
          let (high, wide) = (kernel.0 * kernel.3 / 2, kernel.1 * kernel.3 / 2)
          (item.padTop, item.padLeft) = (min(high, turn % 7), min(wide, turn % 7))
          (item.padBottom, item.padRight) = (min(high, turn / 2 % 7), min(wide, turn / 3 % 7))
          let span = ((kernel.0 - 1) * kernel.3 + 1, (kernel.1 - 1) * kernel.3 + 1)
          item.inputHeight = Swift.max(
            item.inputHeight, span.0 - item.padTop - item.padBottom, kernel.3)
          item.inputWidth = Swift.max(
            item.inputWidth, span.1 - item.padLeft - item.padRight, kernel.3)
          item.blocks = 1 + turn % 2
          item.countsPadding = turn % 2 == 0
          if turn % 3 == 0 { item.rowPart = item.height / 2..<item.height }
          item.seed = turn
          body(item)
        }
      }
      // Rows longer than the line on the stack, and a window that does not fit into it.
      for (width, kernelWidth) in [(700, 3), (701, 5), (600, 250)] {
        var item = PoolCase()
        item.kind = kind
        (item.kernelHeight, item.kernelWidth) = (2, kernelWidth)
        item.stride = kernelWidth == 5 ? 2 : 1
        (item.inputHeight, item.inputWidth) = (3, width)
        (item.padLeft, item.padRight) = (1, 1)
        body(item)
      }
    }
  }

  static func run(_ kind: Operator, _ kernels: KernelSet, _ job: PoolJob) {
    switch kind {
    case .max: kernels.maxPool(job)
    case .average: kernels.averagePool(job)
    case .globalAverage: kernels.globalAverage(job)
    }
  }

  /// The job with all its operands.
  public func makeJob<M: TestMemory>(in memory: inout M) -> PoolJob {
    var numbers = TestNumbers(seed: seed)
    let line = inputWidth * 16, plane = inputHeight * line
    let input = memory.make(blocks * plane + 128)
    numbers.fill(input, blocks * plane + 128)
    if seed % 5 == 0 { setBytes(input, blocks * plane, seed % 2 == 0 ? 0 : 255) }
    let (outputLine, outputPlane) = outputSizes
    return PoolJob(
      input: input, inputPlane: plane, inputLine: line, inputHeight: inputHeight,
      inputWidth: inputWidth, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      strideY: stride, strideX: stride, dilationY: dilation, dilationX: dilation, padTop: padTop,
      padLeft: padLeft, output: memory.make(outputBytes), outputPlane: outputPlane,
      outputLine: outputLine, height: height, width: width,
      a: seed % 3 == 0 ? 1 : Float(numbers.next(50...300)) / 100, xZero: numbers.next(0...255),
      zero: numbers.next(0...255), countsPadding: countsPadding, blocks: blocks)
  }

  private var outputSizes: (line: Int, plane: Int) {
    if kind == .globalAverage { return (16, 48) }
    return (width * 16 + 32, height * (width * 16 + 32) + 16)
  }
  private var outputBytes: Int { blocks * outputSizes.plane - 32 }

  /// Bytes of output that differ between a kernel set and the reference, in range and out of it.
  public func mismatches<M: TestMemory>(_ kernels: KernelSet, in memory: inout M) -> Int {
    var job = makeJob(in: &memory)
    if !rowPart.isEmpty { (job.firstRow, job.endRow) = (rowPart.lowerBound, rowPart.upperBound) }
    let actual = job.output, expected = memory.make(outputBytes)
    setBytes(actual, outputBytes, 0xA5)
    setBytes(expected, outputBytes, 0xA5)
    PoolCase.run(kind, kernels, job)
    job.output = expected
    PoolCase.run(kind, .reference(storageXor: kernels.storageXor), job)
    let wrong = differingBytes(actual, expected, outputBytes)
    memory.clear()
    return wrong
  }
}

/// Runs the pools of a kernel set beside the scalar reference.
///
/// - Returns: output bytes that differ; 0 is right.
public func poolSelfTest(_ kernels: KernelSet) -> Int {
  var wrong = 0
  var memory = PlainMemory()
  PoolCase.all { wrong += $0.mismatches(kernels, in: &memory) }
  return wrong
}
