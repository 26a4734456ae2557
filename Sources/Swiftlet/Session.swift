import CShims
import SwiftletCore
import SwiftletKernels
import SwiftletOperators
import SwiftletVision

/// Bits of the weights that a run reads. An 8-bit file runs at both; others ignore it.
public enum Bits: Int, Sendable {
  case four = 4
  case eight = 8
}

/// How a session runs.
public struct SessionOptions {
  /// Threads that work on one frame, 1...64; exactly as many are used.
  public var threads = 1
  /// Name of a kernel set; nil picks the best of this CPU.
  public var isa: String?
  /// nil: all bits that the file has.
  public var bits: Bits?
  /// Side of the input in pixels; nil: the file's own. See `ModelContents.resized`.
  public var resolution: Int?

  /// One thread, the best kernels, all bits, the file's resolution.
  public init(
    threads: Int = 1, isa: String? = nil, bits: Bits? = nil, resolution: Int? = nil
  ) {
    self.threads = threads
    self.isa = isa
    self.bits = bits
    self.resolution = resolution
  }
}

/// A network ready to run: owns the arena, the plan and a team of threads.
///
/// `run` allocates nothing, throws nothing, prints nothing and reads no clock.
public struct Session: ~Copyable {
  /// Keeps the file mapped.
  private let mapping: Mapping
  /// The network at the session's resolution.
  let contents: ModelContents
  private let core: UnsafeMutablePointer<SessionCore>
  private let team: Team
  private let arena: UnsafeMutableRawPointer
  /// Where pixels of the next frame go.
  public let input: PixelTarget
  let outputs: OutputBuffers
  /// Brings pictures into `input`.
  var writer: InputWriter
  private var refinementIsVerified: Bool
  private let hasRefinement: Bool
  /// Size of the arena that holds every activation.
  public let arenaBytes: Int
  /// The bits in use.
  public private(set) var bits: Bits

  /// Plans the network for this CPU and allocates all that it will ever need.
  ///
  /// Throws MDL errors if a weight plane is damaged, USE003 for an unknown kernel set or a
  /// thread count out of range, MDL022 for a resolution that the network cannot have, SYS004 if
  /// the system refuses threads.
  public init(_ model: borrowing Model, _ options: SessionOptions = SessionOptions())
    throws(SwiftletError)
  {
    // All that can fail comes first: a half-made noncopyable value cannot be given up.
    let kernels = try KernelSets.named(options.isa)
    let mapping = model.mapping
    var contents = mapping.contents
    if let side = options.resolution { contents = try contents.resized(to: side) }
    try ModelVerifier.verifyPlane(.weights, of: contents)
    let nested = contents.operators.contains { $0.weightFormat == .nested8 }
    let bits: Bits = nested && options.bits != .four ? .eight : .four
    if nested && bits == .eight { try ModelVerifier.verifyPlane(.refinement, of: contents) }
    team = try Session.makeTeam(options.threads)

    self.mapping = mapping
    self.contents = contents
    self.bits = bits
    hasRefinement = nested
    refinementIsVerified = nested && bits == .eight
    var plan = Plan(contents)
    arenaBytes = plan.arenaBytes
    arena = .allocate(byteCount: arenaBytes, alignment: 64)
    memset(arena, 0, arenaBytes)
    plan.bind(contents, arena: arena, kernels: kernels)
    plan.setThreads(options.threads)
    plan.setBits(four: bits == .four)
    input = Session.target(contents, plan, kernels.storageXor)
    writer = InputWriter(rule: FitRule(contents.preprocessing), target: input)
    outputs = OutputBuffers(contents, plan.views)
    core = .allocate(capacity: 1)
    core.initialize(to: SessionCore(plan: plan, kernels: kernels, threads: options.threads))
  }

  /// The same with the best kernels and all bits.
  public init(_ model: borrowing Model, threads: Int) throws(SwiftletError) {
    try self.init(model, SessionOptions(threads: threads))
  }

  private static func makeTeam(_ threads: Int) throws(SwiftletError) -> Team {
    guard (1...64).contains(threads) else {
      throw SwiftletError(
        .badValue, place: "threads", expected: "1 to 64", found: "\(threads)")
    }
    if let team = Team(threads) { return team }
    throw SwiftletError(
      .systemCall, place: "pthread_create", expected: "\(threads) threads",
      found: "the system refused one")
  }

  deinit {
    core.deinitialize(count: 1)
    core.deallocate()
    arena.deallocate()
  }

  /// Switches an 8-bit file between its two planes and the first alone; other files do not
  /// change. Takes effect at the next run and allocates nothing.
  ///
  /// The second plane's checksum is verified when it is first used: throws MDL if it is damaged.
  public mutating func setBits(_ bits: Bits) throws(SwiftletError) {
    guard hasRefinement else { return }
    if bits == .eight && !refinementIsVerified {
      try ModelVerifier.verifyPlane(.refinement, of: contents)
      refinementIsVerified = true
    }
    core.pointee.plan.setBits(four: bits == .four)
    self.bits = bits
  }

  /// Uses that many of the threads that the session was made with, 1 to `options.threads`; the
  /// others sleep. Takes effect at the next run and allocates nothing.
  public mutating func setThreads(_ threads: Int) {
    precondition(1 <= threads && threads <= team.count, "a session has as many as it was made with")
    team.setActive(threads)
    core.pointee.plan.setThreads(threads)
  }

  /// Lets gates leave out blocks of channels whose score is not above their threshold plus `shift`;
  /// nil, which a session starts with, computes all. Takes effect at the next run and allocates
  /// nothing.
  public mutating func setGates(shift: Float?) { core.pointee.plan.setGates(shift: shift) }

  /// Runs the network on the pixels in `input`; `output` then holds the results.
  public mutating func run() {
    let steps = core.pointee.plan.steps.count
    for i in 0..<steps { runStep(i) }
    outputs.gather()
  }

  /// The same with the nanoseconds of each step, `stepCount` of them.
  public mutating func runProfiled(_ nanoseconds: UnsafeMutablePointer<Int64>) {
    let steps = core.pointee.plan.steps.count
    var before = shim_monotonic()
    for i in 0..<steps {
      runStep(i)
      let now = shim_monotonic()
      nanoseconds[i] = now - before
      before = now
    }
    outputs.gather()
  }

  @inline(__always)
  private func runStep(_ i: Int) {
    core.pointee.current = i
    team.run(parts: core.pointee.plan.steps[i].parts, runSessionPart, core)
  }

  /// The camera image inside the arena.
  private static func target(_ contents: ModelContents, _ plan: Plan, _ storageXor: UInt8)
    -> PixelTarget
  {
    let record = contents.tensors[contents.input]
    let view = plan.views[contents.input]
    // The halo never changes: the image's memory is not shared.
    let zeros = contents.parameters + max(record.zeroPoints, 0)
    var pixel: UInt32 = 0
    for c in 0..<min(record.channels, 4) {
      pixel |= UInt32(zeros.load(fromByteOffset: c, as: UInt8.self)) << UInt32(8 * c)
    }
    pixel ^= 0x0101_0101 &* UInt32(storageXor)
    let first = view.base - view.halo.top * view.line - view.halo.left * 4
    for y in 0..<view.halo.top + view.height + view.halo.bottom {
      for x in 0..<view.line / 4 {
        first.storeBytes(of: pixel, toByteOffset: y * view.line + x * 4, as: UInt32.self)
      }
    }
    return PixelTarget(
      base: view.base, line: view.line, width: record.width, height: record.height,
      xor: storageXor, isBGR: contents.preprocessing.isBGR)
  }
}

// MARK: what a session tells

extension Session {
  /// The kernel set in use.
  public var isaName: String { "\(core.pointee.kernels.name)" }
  /// Threads in use, the caller included.
  public var threads: Int { team.active }
  /// Multiply-adds of one run.
  public var macs: Int { core.pointee.plan.steps.reduce(0) { $0 + $1.macs } }
  /// Where a tensor lies.
  func view(_ tensor: Int) -> TensorView { core.pointee.plan.views[tensor] }
  /// Gates of the network, 0 where nothing can be left out.
  public var gateCount: Int {
    var count = 0
    for step in core.pointee.plan.steps where step.code == .gate { count += 1 }
    return count
  }
  /// Multiply-adds that the last run did, as a share of `macs`: 1 without gates.
  public var liveShare: Double {
    var done = 0.0
    for step in core.pointee.plan.steps { done += step.liveMacs }
    return macs == 0 ? 1 : done / Double(macs)
  }
  /// Outputs of the network.
  public var outputCount: Int { outputs.list.count }

  /// Output `i` as floats, [channels][height][width]; valid until the next run.
  public func output(_ i: Int) -> UnsafeBufferPointer<Float> { outputs.list[i].values }

  /// Shape of output `i`.
  public func outputShape(_ i: Int) -> (channels: Int, height: Int, width: Int) {
    let o = outputs.list[i]
    return (o.channels, o.view.height, o.view.width)
  }

  /// Steps of a run; layers that need no work are not among them.
  public var stepCount: Int { core.pointee.plan.steps.count }

  /// One step, for people and tables.
  public func step(_ i: Int) -> StepInfo {
    StepInfo(core.pointee.plan.steps[i], contents)
  }

  /// A tensor by name as real values [channels][height][width], as the last run left it; nil if
  /// there is none or its memory was taken by a later step (see `keepsTensors` of tests).
  public func tensor(named name: String) -> [Float]? {
    for i in contents.tensors.indices
    where contents.string(at: contents.tensors[i].name).utf8.elementsEqual(name.utf8) {
      return TensorReader(contents, core.pointee.plan.views[i], core.pointee.kernels.storageXor)
        .values(i)
    }
    return nil
  }

  /// Runs the network and calls `observe` with each step's output tensor as it is made.
  public mutating func run(observing observe: (_ tensor: Int, [Float]) -> Void) {
    for i in 0..<stepCount {
      runStep(i)
      let tensor = contents.operators[core.pointee.plan.steps[i].index].output
      let reader = TensorReader(
        contents, core.pointee.plan.views[tensor], core.pointee.kernels.storageXor)
      observe(tensor, reader.values(tensor))
    }
    outputs.gather()
  }
}

/// What the threads of a session share.
struct SessionCore {
  var plan: Plan
  let kernels: KernelSet
  /// The step that is running.
  var current = 0
  private let scratch: Scratch

  init(plan: Plan, kernels: KernelSet, threads: Int) {
    self.plan = plan
    self.kernels = kernels
    scratch = Scratch(bytes: plan.scratchBytes, threads: threads)
  }

  @inline(__always)
  func scratch(_ thread: Int) -> UnsafeMutableRawPointer { scratch.of(thread) }
}

/// Scratch memory of each thread, pages apart.
final class Scratch {
  private let base: UnsafeMutableRawPointer
  private let stride: Int

  init(bytes: Int, threads: Int) {
    stride = (bytes + 4096) & ~4095
    base = .allocate(byteCount: stride * threads, alignment: 4096)
    memset(base, 0, stride * threads)
  }

  deinit { base.deallocate() }

  @inline(__always)
  func of(_ thread: Int) -> UnsafeMutableRawPointer { base + thread * stride }
}

private let runSessionPart: Team.Body = { context, part, thread in
  let core = context.assumingMemoryBound(to: SessionCore.self)
  runPart(
    core.pointee.plan.steps[core.pointee.current], part: part, kernels: core.pointee.kernels,
    scratch: core.pointee.scratch(thread))
}
