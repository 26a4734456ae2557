import SwiftletKernels

/// One length of an elementwise operator with random operands.
public struct ElementwiseCase: Sendable {
  public enum Operator: Int, Sendable, CaseIterable { case add, multiply, scaleChannels, lookup }

  public var kind = Operator.add
  public var count = 16
  /// Bytes of one block of channels, for scaleChannels.
  public var plane = 16
  /// The output takes the place of x.
  public var isInPlace = false
  public var seed = 1

  public init() {}

  /// Calls `body` with every case.
  public static func all(_ body: (ElementwiseCase) -> Void) {
    var turn = 0
    for kind in Operator.allCases {
      for pixels in [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 49, 100] {
        for inPlace in [false, true] {
          turn += 1
          var item = ElementwiseCase()
          item.kind = kind
          item.plane = pixels * 16
          item.count = kind == .scaleChannels ? item.plane * 3 : item.plane
          item.isInPlace = inPlace
          item.seed = turn
          body(item)
        }
      }
      // All pairs of a byte and another, and all single bytes.
      turn += 1
      var item = ElementwiseCase()
      item.kind = kind
      item.count = 65536
      item.plane = 4096
      item.seed = turn
      body(item)
    }
  }

  static func run(_ kind: Operator, _ kernels: KernelSet, _ job: ElementwiseJob) {
    switch kind {
    case .add: kernels.add(job)
    case .multiply: kernels.multiply(job)
    case .scaleChannels: kernels.scaleChannels(job)
    case .lookup: kernels.lookup(job)
    }
  }

  /// Bytes of output that differ between a kernel set and the reference.
  public func mismatches<M: TestMemory>(_ kernels: KernelSet, in memory: inout M) -> Int {
    var numbers = TestNumbers(seed: seed)
    // Kernels may read the slack behind a tensor, never write it.
    let x = memory.make(count + 128)
    let y = memory.make(kind == .scaleChannels ? count / plane * 16 : count + 128)
    let table = memory.make(256)
    numbers.fill(x, count + 128)
    numbers.fill(y, kind == .scaleChannels ? count / plane * 16 : count + 128)
    numbers.fill(table, 256)
    if count == 65536 {
      for i in 0..<count { x.storeBytes(of: UInt8(i % 256), toByteOffset: i, as: UInt8.self) }
      if kind != .scaleChannels {
        for i in 0..<count { y.storeBytes(of: UInt8(i / 256), toByteOffset: i, as: UInt8.self) }
      }
    }
    let output = memory.make(count), expected = memory.make(count)
    setBytes(output, count, 0xA5)
    let product = kind == .multiply || kind == .scaleChannels
    // Powers of two now and then, so that halves occur.
    var a = Float(numbers.next(1...400)) / (product ? 16384 : 256)
    if seed % 3 == 0 { a = product ? 1 / 64 : 0.5 }
    var job = ElementwiseJob(
      x: x, y: y, table: table, output: expected, count: count, a: a,
      b: seed % 3 == 0 ? 0.25 : Float(numbers.next(-300...300)) / 256,
      c: Float(numbers.next(-200...200)) / 4, xZero: numbers.next(0...255),
      yZero: numbers.next(0...255), zero: numbers.next(0...255), plane: plane)
    ElementwiseCase.run(kind, .reference(storageXor: kernels.storageXor), job)
    job.output = isInPlace ? x : output
    let slack = memory.make(128)
    for i in 0..<128 {
      slack.storeBytes(of: (x + count + i).load(as: UInt8.self), toByteOffset: i, as: UInt8.self)
    }
    ElementwiseCase.run(kind, kernels, job)
    let wrong =
      differingBytes(job.output, expected, count) + differingBytes(x + count, slack, 128)
    memory.clear()
    return wrong
  }
}

/// Runs the elementwise operators of a kernel set beside the scalar reference.
///
/// - Returns: output bytes that differ; 0 is right.
public func elementwiseSelfTest(_ kernels: KernelSet) -> Int {
  var wrong = 0
  var memory = PlainMemory()
  ElementwiseCase.all { wrong += $0.mismatches(kernels, in: &memory) }
  return wrong
}
