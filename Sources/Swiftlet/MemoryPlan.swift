import SwiftletCore
import SwiftletOperators

/// Where each tensor lies in the arena. Tensors that never live at the same time share bytes;
/// inputs of a concat lie inside its output where blocks allow, so that nothing is copied.
package struct MemoryPlan {
  /// Distances and offset of one tensor, without a base address.
  package struct Placement {
    package var offset = 0
    package var plane = 0
    package var line = 0
    package var pixel = 16
    package var halo = Halo()
  }

  package private(set) var placements: [Placement]
  /// Size of the arena; the last 256 bytes are slack that kernels may read.
  package private(set) var bytes = 0

  /// Bytes that kernels may read behind a tensor.
  private static let slack = 256

  /// Plans a verified network.
  package init(tensors: [TensorRecord], operators: [OperatorRecord], input: Int, outputs: [Int]) {
    placements = [Placement](repeating: Placement(), count: tensors.count)
    var regions = Regions(tensors: tensors, operators: operators)
    regions.findHalos(operators)
    regions.findLifetimes(operators, input: input, outputs: outputs)
    regions.joinConcats(operators, input: input, outputs: outputs)
    regions.joinLookups(operators, input: input, outputs: outputs)
    let offsets = regions.place(&bytes)
    bytes += MemoryPlan.slack
    for i in 0..<tensors.count {
      let root = regions.root(i)
      let shape = tensors[i]
      let halo = regions.halo[root.tensor]
      let pixel = regions.pixelBytes(i)
      let line = (halo.left + shape.width + halo.right) * pixel
      let plane = (halo.top + shape.height + halo.bottom) * line
      let origin = halo.top * line + halo.left * pixel
      placements[i] = Placement(
        offset: offsets[root.tensor] + root.block * plane + origin, plane: plane, line: line,
        pixel: pixel, halo: halo)
    }
  }
}

/// Working state of the planner: one region of memory for each root tensor.
private struct Regions {
  let tensors: [TensorRecord]
  /// A tensor that lies inside another one, from block `block` on; itself if it is a root.
  private var parent: [(tensor: Int, block: Int)]
  var halo: [Halo]
  private var first: [Int]
  private var last: [Int]

  init(tensors: [TensorRecord], operators: [OperatorRecord]) {
    self.tensors = tensors
    parent = tensors.indices.map { ($0, 0) }
    halo = [Halo](repeating: Halo(), count: tensors.count)
    first = [Int](repeating: Int.max, count: tensors.count)
    last = [Int](repeating: -1, count: tensors.count)
  }

  func pixelBytes(_ i: Int) -> Int {
    switch tensors[i].kind {
    case .pixels: 4
    case .float32: 64
    case .uint8, .uint8PerChannel: 16
    }
  }

  func root(_ i: Int) -> (tensor: Int, block: Int) {
    var (at, block) = (i, 0)
    while parent[at].tensor != at {
      block += parent[at].block
      at = parent[at].tensor
    }
    return (at, block)
  }

  /// Dense convolutions read their padding from memory.
  mutating func findHalos(_ operators: [OperatorRecord]) {
    for r in operators where r.code == .convolution || r.code == .pixelConvolution {
      let (x, y) = (r.inputs.0, r.output)
      let reachY = (tensors[y].height - 1) * r.strideY + (r.kernelHeight - 1) * r.dilationY + 1
      // Image kernels read pairs of pixels, so an odd kernel reaches one pixel further.
      let odd = r.code == .pixelConvolution ? r.kernelWidth & 1 : 0
      let reachX =
        (tensors[y].width - 1) * r.strideX + (r.kernelWidth - 1) * r.dilationX + 1 + odd
      halo[x] = halo[x].union(
        Halo(
          top: r.padTop, left: r.padLeft, bottom: max(0, reachY - r.padTop - tensors[x].height),
          right: max(0, reachX - r.padLeft - tensors[x].width)))
    }
  }

  mutating func findLifetimes(_ operators: [OperatorRecord], input: Int, outputs: [Int]) {
    for (at, r) in operators.enumerated() {
      first[r.output] = min(first[r.output], at)
      last[r.output] = max(last[r.output], at)
      for x in r.inputList { last[x] = max(last[x], at) }
      // What was live is read by later layers and asked for after a run.
      if r.code == .gate { last[r.output] = operators.count }
    }
    // The image stays as the camera wrote it, so that a run can be repeated; outputs stay.
    first[input] = -1
    last[input] = operators.count
    for x in outputs { last[x] = operators.count }
  }

  /// Inputs of a concat whose blocks line up live inside its output.
  mutating func joinConcats(_ operators: [OperatorRecord], input: Int, outputs: [Int]) {
    for r in operators.reversed() where r.code == .concat {
      var block = 0
      for x in r.inputList {
        let channels = tensors[x].channels
        // The channels behind a ragged input belong to its neighbour: copy it, and all after.
        if channels % 16 != 0 { break }
        let free = parent[x].tensor == x && x != input && !outputs.contains(x)
        if free && root(r.output).tensor != x {
          parent[x] = (r.output, block)
          absorb(x)
        }
        block += channels / 16
      }
    }
  }

  /// A lookup whose input nobody needs any more works in place.
  mutating func joinLookups(_ operators: [OperatorRecord], input: Int, outputs: [Int]) {
    for (at, r) in operators.enumerated() where r.code == .lookup {
      let x = r.inputs.0
      let mine = root(r.output).tensor
      if x != input && parent[x].tensor == x && mine != x && lastUse(x) == at
        && !outputs.contains(x) && tensors[x].kind == tensors[r.output].kind
      {
        parent[x] = (r.output, 0)
        absorb(x)
      }
    }
  }

  private func lastUse(_ i: Int) -> Int { last[i] }

  /// The root of `i` takes over its halo and its time.
  private mutating func absorb(_ i: Int) {
    let at = root(i).tensor
    halo[at] = halo[at].union(halo[i])
    first[at] = min(first[at], first[i])
    last[at] = max(last[at], last[i])
  }

  /// Greedy by size: each region takes the lowest gap among those that live at the same time.
  func place(_ bytes: inout Int) -> [Int] {
    var offsets = [Int](repeating: 0, count: tensors.count)
    let roots = tensors.indices.filter { parent[$0].tensor == $0 && last[$0] >= 0 }
    let order = roots.sorted { (size($0), $1) > (size($1), $0) }
    var placed: [Int] = []
    for i in order {
      var gaps: [(start: Int, end: Int)] = []
      for j in placed where first[j] <= last[i] && first[i] <= last[j] {
        gaps.append((offsets[j], offsets[j] + size(j)))
      }
      gaps.sort { $0.start < $1.start }
      var at = 0
      for busy in gaps {
        if at + size(i) <= busy.start { break }
        at = max(at, busy.end)
      }
      offsets[i] = at
      placed.append(i)
      bytes = max(bytes, at + size(i))
    }
    return offsets
  }

  private func size(_ i: Int) -> Int {
    let (t, h) = (tensors[i], halo[i])
    let pixels = (h.left + t.width + h.right) * (h.top + t.height + h.bottom)
    let blocks = t.kind == .pixels ? 1 : t.paddedChannels / 16
    // Kernels may read 128 bytes behind a tensor: keep them inside memory that is ours.
    return (pixels * blocks * pixelBytes(i) + 63) & ~63
  }
}

extension OperatorRecord {
  /// The tensors that are there, in order.
  var inputList: [Int] { (0..<inputCount).map { input($0) } }
}
