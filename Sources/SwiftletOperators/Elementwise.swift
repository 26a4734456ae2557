import SwiftletCore
import SwiftletKernels

/// Add, multiply, scaleChannels and lookup: one output byte for one position.
enum Elementwise {
  static func poolBytes(_ record: OperatorRecord) -> Int { record.code == .lookup ? 256 : 0 }

  static func prepare(_ c: PrepareContext, _ kind: ElementwiseKind) -> Step {
    let r = c.record
    let x = c.inputs.0
    let y = kind == .lookup ? x : c.inputs.1
    var table = UnsafeRawPointer(x.base)
    if kind == .lookup { table = storedTable(c) }
    // The second input of scaleChannels has one pixel of 16 channels a block.
    let contiguous =
      x.isContiguous && c.output.isContiguous
      && (kind == .scaleChannels
        ? y.plane == 16 || y.blocks == 1 : y.isContiguous)
    let plane = x.height * x.width * 16
    let job = ElementwiseJob(
      x: UnsafeRawPointer(x.base), y: UnsafeRawPointer(y.base), table: table,
      output: c.output.base, count: x.blocks * plane, a: r.a, b: r.b, c: r.c,
      xZero: c.inputRecords.0.zeroPoint, yZero: c.inputRecords.1.zeroPoint,
      zero: c.outputRecord.zeroPoint, plane: plane)
    var step = c.step(.elementwise(kind, job))
    step.secondView = y
    step.isContiguous = contiguous
    return step
  }

  static func split(_ step: inout Step, _ job: ElementwiseJob, threads: Int) {
    if job.count > 100_000 { step.channelParts = min(step.inputView.blocks, 2 * threads) }
  }

  /// The table over stored bytes: index and value carry the storage's xor.
  private static func storedTable(_ c: PrepareContext) -> UnsafeRawPointer {
    let from = c.parameter(c.record.table).assumingMemoryBound(to: UInt8.self)
    let to = c.pool.take(256).assumingMemoryBound(to: UInt8.self)
    for i in 0..<256 { to[i ^ Int(c.storageXor)] = from[i] ^ c.storageXor }
    return UnsafeRawPointer(to)
  }

  static func run(
    _ step: Step, _ kind: ElementwiseKind, _ whole: ElementwiseJob, part: Int,
    kernels: borrowing KernelSet
  ) {
    let (first, end) = share(part, of: step.channelParts, step.output.blocks)
    if first == end { return }
    var job = whole
    if step.isContiguous {
      job.count = (end - first) * whole.plane
      job.x = whole.x + first * whole.plane
      job.y = whole.y + first * (kind == .scaleChannels ? 16 : whole.plane)
      job.output = whole.output + first * whole.plane
      call(kind, job, kernels)
      return
    }
    let (x, y, out) = (step.inputView, step.secondView, step.output)
    job.count = out.width * 16
    job.plane = job.count
    for block in first..<end {
      for row in 0..<out.height {
        job.x = UnsafeRawPointer(x.address(block, row, 0))
        job.y = UnsafeRawPointer(y.address(block, kind == .scaleChannels ? 0 : row, 0))
        job.output = out.address(block, row, 0)
        call(kind, job, kernels)
      }
    }
  }

  @inline(__always)
  private static func call(
    _ kind: ElementwiseKind, _ job: ElementwiseJob, _ kernels: borrowing KernelSet
  ) {
    switch kind {
    case .add: kernels.add(job)
    case .multiply: kernels.multiply(job)
    case .scaleChannels: kernels.scaleChannels(job)
    case .lookup: kernels.lookup(job)
    }
  }
}
