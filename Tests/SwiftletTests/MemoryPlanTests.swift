import Swiftlet
import SwiftletCore
import SwiftletOperators
import SwiftletWriter
import TestSupport
import Testing

/// A run of a plan with marks instead of values: each pixel of each tensor is one mark, written
/// where the plan says. A tensor that was overwritten while it was still needed has other marks.
private struct MarkedArena {
  let tensors: [TensorRecord]
  let operators: [OperatorRecord]
  let plan: MemoryPlan
  /// One mark for each four bytes; 0 is nothing.
  var cells: [Int32]
  private let firstMark: [Int32]
  /// For each tensor the part of a concat input that each of its blocks is; nil for its own.
  private var origin: [[(tensor: Int, block: Int)?]]
  var faults: [String] = []

  init(_ tensors: [TensorRecord], _ operators: [OperatorRecord], input: Int, outputs: [Int]) {
    (self.tensors, self.operators) = (tensors, operators)
    plan = MemoryPlan(tensors: tensors, operators: operators, input: input, outputs: outputs)
    cells = [Int32](repeating: 0, count: plan.bytes / 4)
    var next: Int32 = 1000
    firstMark = tensors.map { t in
      defer { next += Int32(t.height * t.width * max(t.paddedChannels / 16, 1)) }
      return next
    }
    origin = tensors.map { [(tensor: Int, block: Int)?](repeating: nil, count: $0.blocks) }
    for op in operators where op.code == .concat {
      var start = 0
      for x in op.list {
        if start % 16 == 0 {
          for b in 0..<tensors[x].channels / 16 { origin[op.output][start / 16 + b] = (x, b) }
        }
        start += tensors[x].channels
      }
    }
  }

  /// The mark of a pixel: blocks that a concat takes over whole keep theirs.
  private func mark(_ t: Int, _ block: Int, _ pixel: Int) -> Int32 {
    if let (tensor, block) = origin[t][block] { return mark(tensor, block, pixel) }
    return firstMark[t] + Int32(block * tensors[t].height * tensors[t].width + pixel)
  }

  private func haloMark(_ t: Int) -> Int32 { Int32(1 + tensors[t].zeroPoint) }

  /// Calls `body` with the cell range of each pixel, halo included, and its mark.
  private func pixels(_ t: Int, halo: Bool, _ body: (Range<Int>, Int32) -> Void) {
    let (record, p) = (tensors[t], plan.placements[t])
    let h = halo ? p.halo : Halo()
    for block in 0..<record.blocks {
      for y in -h.top..<record.height + h.bottom {
        for x in -h.left..<record.width + h.right {
          let at = p.offset + block * p.plane + y * p.line + x * p.pixel
          let inside = (0..<record.height).contains(y) && (0..<record.width).contains(x)
          body(
            at / 4..<(at + p.pixel) / 4,
            inside ? mark(t, block, y * record.width + x) : haloMark(t))
        }
      }
    }
  }

  mutating func write(_ t: Int) {
    var found: [(Range<Int>, Int32)] = []
    pixels(t, halo: true) { found.append(($0, $1)) }
    for (range, mark) in found {
      guard range.lowerBound >= 0, range.upperBound * 4 + 128 <= plan.bytes else {
        faults.append("tensor \(t) or its slack lies outside the arena")
        return
      }
      for i in range { cells[i] = mark }
    }
  }

  mutating func check(_ t: Int, halo: Bool, _ when: String) {
    var isWhole = true
    pixels(t, halo: halo) { range, mark in
      for i in range where cells[i] != mark { isWhole = false }
    }
    if !isWhole { faults.append("tensor \(t) is not whole \(when)") }
  }

  /// Runs the plan; `faults` then says what went wrong.
  mutating func run(input: Int, outputs: [Int]) {
    write(input)
    for (i, op) in operators.enumerated() {
      let isDense = op.code == .convolution || op.code == .pixelConvolution
      for (number, x) in op.list.enumerated() {
        check(x, halo: isDense && number == 0, "when operator \(i) reads it")
      }
      for gate in [op.inputGate, op.outputGate] where gate >= 0 {
        check(gate, halo: false, "when operator \(i) is gated by it")
      }
      write(op.output)
      // A lookup may write over its input, a concat over those that lie inside its output.
      if op.code == .lookup { continue }
      for x in op.list { check(x, halo: false, "after operator \(i) ran") }
    }
    check(input, halo: true, "at the end: the image is written once")
    for x in outputs { check(x, halo: false, "at the end") }
    for op in operators where op.code == .gate { check(op.output, halo: false, "at the end") }
  }
}

extension OperatorRecord {
  fileprivate var list: [Int] { (0..<inputCount).map { input($0) } }
}

extension TensorRecord {
  fileprivate var blocks: Int { kind == .pixels ? 1 : paddedChannels / 16 }
}

struct MemoryPlanTests {
  @Test(arguments: TinyNetworks.all.indices)
  func plan_tinyNetwork_keepsWhatIsStillNeeded(_ index: Int) throws {
    try withModel(TinyNetworks.all[index]) { model in
      var arena = MarkedArena(
        model.tensors, model.operators, input: model.input, outputs: model.outputs)
      arena.run(input: model.input, outputs: model.outputs)
      #expect(arena.faults.isEmpty, "\(arena.faults.prefix(3))")
    }
  }

  @Test func plan_randomGraphs_keepWhatIsStillNeeded() {
    var inside = 0
    var lookups = 0
    var saved = 0
    for seed in 0..<2000 {
      let graph = RandomGraph(seed: UInt64(seed))
      var arena = MarkedArena(graph.tensors, graph.operators, input: 0, outputs: graph.outputs)
      arena.run(input: 0, outputs: graph.outputs)
      #expect(arena.faults.isEmpty, "seed \(seed): \(arena.faults.prefix(3))")
      let places = arena.plan.placements
      for op in graph.operators where op.code == .concat {
        if places[op.input(0)].offset == places[op.output].offset { inside += 1 }
      }
      for op in graph.operators where op.code == .lookup {
        if places[op.input(0)].offset == places[op.output].offset { lookups += 1 }
      }
      let all = graph.tensors.reduce(0) { $0 + $1.height * $1.width * $1.paddedChannels }
      if arena.plan.bytes < all { saved += 1 }
    }
    // The plans do alias: otherwise the test would show little.
    #expect(inside > 200 && lookups > 200 && saved > 1000, "\(inside), \(lookups), \(saved)")
  }

  @Test func plan_overwrittenTensor_isSeenByTheTest() {
    var graph = RandomGraph(seed: 1)
    graph.operators[2].inputs.0 = graph.operators[1].output
    var arena = MarkedArena(graph.tensors, graph.operators, input: 0, outputs: graph.outputs)
    arena.write(0)
    arena.write(graph.operators[0].output)
    arena.cells[arena.plan.placements[graph.operators[0].output].offset / 4] ^= 1
    arena.check(graph.operators[0].output, halo: false, "after a change")
    #expect(arena.faults.count == 1)
  }
}

/// A random network as the planner sees it: records, no weights.
private struct RandomGraph {
  var tensors: [TensorRecord] = []
  var operators: [OperatorRecord] = []
  var outputs: [Int] = []
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    var image = TensorRecord()
    (image.kind, image.channels, image.height, image.width) = (.pixels, 3, 9, 8)
    tensors.append(image)
    var first = OperatorRecord()
    (first.code, first.inputs, first.output) = (.pixelConvolution, (0, -1, -1, -1), 1)
    (first.kernelHeight, first.kernelWidth) = (3, 3)
    (first.padTop, first.padLeft, first.padBottom, first.padRight) = (1, 1, 1, 1)
    operators.append(first)
    _ = tensor(channels: 16, like: 0)
    for _ in 0..<(4 + random.below(20)) { step() }
    for i in 1..<tensors.count where random.below(6) == 0 { outputs.append(i) }
    if outputs.isEmpty { outputs = [tensors.count - 1] }
  }

  private mutating func tensor(channels: Int, like x: Int, zero: Int? = nil) -> Int {
    var t = tensors[x]
    (t.kind, t.channels) = (.uint8, channels)
    t.zeroPoint = zero ?? random.pick([3, 9])
    tensors.append(t)
    return tensors.count - 1
  }

  private mutating func pick() -> Int {
    let count = tensors.count - 1
    if random.below(3) == 0 { return 1 + random.below(count) }
    // Mostly recent ones, so that tensors die.
    return count - random.below(min(count, 3))
  }

  private mutating func step() {
    let x = pick()
    var op = OperatorRecord()
    op.inputs = (x, -1, -1, -1)
    let channels = random.pick([8, 16, 16, 20, 32, 48])
    switch random.below(6) {
    case 0:
      op.code = .convolution
      let pad = random.below(3)
      (op.kernelHeight, op.kernelWidth) = (2 * pad + 1, 2 * pad + 1)
      (op.padTop, op.padLeft, op.padBottom, op.padRight) = (pad, pad, pad, pad)
      op.output = tensor(channels: channels, like: x)
      if random.below(3) == 0 { residual(&op) }
    case 1, 2:
      op.code = .lookup
      op.output = tensor(channels: tensors[x].channels, like: x)
    case 3:
      op.code = .maxPool
      op.output = tensor(channels: tensors[x].channels, like: x, zero: tensors[x].zeroPoint)
    default:
      let fitting = (1..<tensors.count).filter { tensors[$0].zeroPoint == tensors[x].zeroPoint }
      let parts = [x] + (0..<(1 + random.below(3))).map { _ in random.pick(fitting) }
      op.code = .concat
      op.inputs = (
        parts[0], parts[1], parts.count > 2 ? parts[2] : -1, parts.count > 3 ? parts[3] : -1
      )
      let total = parts.reduce(0) { $0 + tensors[$1].channels }
      if total > 256 { return }
      op.output = tensor(channels: total, like: x, zero: tensors[x].zeroPoint)
    }
    operators.append(op)
  }

  private mutating func residual(_ op: inout OperatorRecord) {
    let z = tensors[op.output]
    let fitting = (1..<op.output).filter { tensors[$0].channels == z.channels }
    if fitting.isEmpty { return }
    op.epilogue = .residual
    op.inputs.1 = random.pick(fitting)
  }
}
