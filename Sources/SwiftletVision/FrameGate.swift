/// Decides whether a frame is the one that was computed last, so that its result can be held.
///
/// The network's input is compared in tiles of 16 x 16 pixels with the last *computed* input,
/// never with the last seen one: slow drift adds up until it shows. A tile has changed if its
/// mean absolute difference passes the noise, or if its mean moved, which noise hardly does.
///
/// Identical on every CPU; nothing is allocated after `init`.
public struct FrameGate: ~Copyable {
  /// What counts as unchanged.
  public enum Tolerance: Sendable {
    /// Equal bytes: a held result is bit for bit what a run would give.
    case exact
    /// A tile's mean absolute difference in grey levels, at most `longest`.
    case levels(Float)
    /// 1.5 times the camera's noise, measured while frames come.
    case measured
  }

  private let target: PixelTarget
  private let tolerance: Tolerance
  /// The last computed input and, to measure noise, the input before this one: [height][line].
  private let computed: UnsafeMutableRawPointer
  private let previous: UnsafeMutableRawPointer
  private let bytes: Int
  private var hasComputed = false
  private var hasPrevious = false
  private var noise = NoiseFloor()
  /// Mean absolute difference of each tile, in 1/256 grey levels, for its median.
  private let tiles: UnsafeMutablePointer<Int32>
  private let tileCount: Int

  /// The noise beyond which a camera is not gated, in grey levels: a pan must not pass for noise.
  public static var longest: Float { 3 }

  /// A gate for the input of one session, which has to outlive it.
  public init(_ target: PixelTarget, _ tolerance: Tolerance) {
    self.target = target
    self.tolerance = tolerance
    bytes = target.height * target.line
    computed = .allocate(byteCount: bytes + 64, alignment: 64)
    previous = .allocate(byteCount: bytes + 64, alignment: 64)
    tileCount = ((target.height + 15) / 16) * ((target.width + 15) / 16)
    tiles = .allocate(capacity: tileCount)
    tiles.initialize(repeating: 0, count: tileCount)
  }

  deinit {
    computed.deallocate()
    previous.deallocate()
    tiles.deallocate()
  }

  /// The noise in use, grey levels; 0 while none was measured.
  public var noiseLevel: Float { noise.level ?? 0 }

  /// Whether the input holds what was computed last, within the tolerance. Call it once for each
  /// frame: it also measures.
  public mutating func isUnchanged() -> Bool {
    switch tolerance {
    case .exact: return hasComputed && isSame()
    case .levels(let levels): return hasComputed && isNear(levels: min(levels, Self.longest * 2))
    case .measured:
      measure()
      guard hasComputed, let level = noise.level else { return false }
      return isNear(noise: level)
    }
  }

  /// The input is being computed: later frames are compared with it.
  public mutating func remember() {
    computed.copyMemory(from: target.base, byteCount: used)
    hasComputed = true
  }

  /// The next frame is computed whatever it shows: another network or operating point answers.
  public mutating func forget() { hasComputed = false }

  /// Bytes from the first pixel to behind the last one.
  private var used: Int { (target.height - 1) * target.line + target.width * 4 }

  // MARK: comparing

  private func isSame() -> Bool {
    for y in 0..<target.height {
      let a = UnsafeRawPointer(target.base + y * target.line)
      let b = UnsafeRawPointer(computed + y * target.line)
      var difference = SIMD16<UInt8>.zero
      var at = 0
      while at + 16 <= target.width * 4 {
        difference |=
          a.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
          ^ b.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
        at += 16
      }
      if difference != .zero { return false }
      while at < target.width * 4 {
        let x = a.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        if x != b.loadUnaligned(fromByteOffset: at, as: UInt32.self) { return false }
        at += 4
      }
    }
    return true
  }

  private func isNear(levels: Float) -> Bool {
    everyTile(computed) { $0.mean <= levels }
  }

  /// Noise of mean absolute difference n has deviation 1.25 n; the mean over a tile of 768 values
  /// then has 0.045 n. A quarter of n is more than five deviations.
  private func isNear(noise level: Float) -> Bool {
    let most = 1.5 * level + 0.5
    let drift = 0.25 * level + 0.25
    return everyTile(computed) { $0.mean <= most && abs($0.drift) <= drift }
  }

  /// Whether `holds` is true for every tile; stops at the first that fails.
  @inline(__always)
  private func everyTile(_ other: UnsafeMutableRawPointer, _ holds: (TileDifference) -> Bool)
    -> Bool
  {
    for y in stride(from: 0, to: target.height, by: 16) {
      for x in stride(from: 0, to: target.width, by: 16) {
        if !holds(difference(x, y, other)) { return false }
      }
    }
    return true
  }

  private func difference(_ x: Int, _ y: Int, _ other: UnsafeMutableRawPointer) -> TileDifference {
    TileDifference(
      target.base + y * target.line + x * 4, other + y * target.line + x * 4, line: target.line,
      width: min(16, target.width - x), height: min(16, target.height - y), xor: target.xor)
  }

  // MARK: measuring

  /// The median tile of two successive frames: what moves covers fewer than half of them.
  private mutating func measure() {
    if hasPrevious {
      var i = 0
      for y in stride(from: 0, to: target.height, by: 16) {
        for x in stride(from: 0, to: target.width, by: 16) {
          tiles[i] = Int32(difference(x, y, previous).mean * 256)
          i += 1
        }
      }
      noise.add(median())
    }
    previous.copyMemory(from: target.base, byteCount: used)
    hasPrevious = true
  }

  /// The middle value of `tiles` in grey levels, by bisection: nothing is sorted.
  private func median() -> Float {
    var low: Int32 = 0
    var high: Int32 = 256 * 256
    while low < high {
      let middle = (low + high) / 2
      var below = 0
      for i in 0..<tileCount where tiles[i] <= middle { below += 1 }
      if below * 2 >= tileCount { high = middle } else { low = middle + 1 }
    }
    return Float(low) / 256
  }
}

/// Differences of one tile, in grey levels.
struct TileDifference {
  /// Mean of absolute values.
  let mean: Float
  /// Mean with sign.
  let drift: Float

  /// `width` x `height` pixels of four bytes, the fourth equal in both; `line` bytes a row.
  init(
    _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, line: Int, width: Int, height: Int,
    xor: UInt8
  ) {
    var absolute = SIMD8<UInt32>.zero
    var signed = SIMD8<Int32>.zero
    let flip = SIMD16<UInt8>(repeating: xor)
    // A tile narrower than 16 pixels is read in whole fours, then one by one.
    let fours = width / 4
    for y in 0..<height {
      let rowA = UnsafeRawPointer(a + y * line)
      let rowB = UnsafeRawPointer(b + y * line)
      for i in 0..<fours {
        let p = rowA.loadUnaligned(fromByteOffset: i * 16, as: SIMD16<UInt8>.self) ^ flip
        let q = rowB.loadUnaligned(fromByteOffset: i * 16, as: SIMD16<UInt8>.self) ^ flip
        let d = SIMD16<Int16>(truncatingIfNeeded: p) &- SIMD16<Int16>(truncatingIfNeeded: q)
        let halves = d.lowHalf &+ d.highHalf
        signed &+= SIMD8<Int32>(truncatingIfNeeded: halves)
        let m = d.replacing(with: .zero &- d, where: d .< .zero)
        absolute &+= SIMD8<UInt32>(truncatingIfNeeded: m.lowHalf &+ m.highHalf)
      }
      for x in fours * 4..<width {
        for c in 0..<3 {
          let p = rowA.load(fromByteOffset: x * 4 + c, as: UInt8.self) ^ xor
          let q = rowB.load(fromByteOffset: x * 4 + c, as: UInt8.self) ^ xor
          signed[0] &+= Int32(p) &- Int32(q)
          absolute[0] &+= UInt32(p > q ? p &- q : q &- p)
        }
      }
    }
    let values = Float(width * height * 3)
    mean = Float(absolute.wrappedSum()) / values
    drift = Float(signed.wrappedSum()) / values
  }
}

/// The quietest of the last frames: movement can only add to noise.
struct NoiseFloor {
  /// Frames that are looked back on; about a second.
  static var window: Int { 32 }
  /// Least of the running window and of the one before.
  private var running = Float.infinity
  private var before = Float.infinity
  private var count = 0

  /// Grey levels; nil before a few frames were seen.
  var level: Float? {
    let least = min(running, before)
    if count < 4 && before == .infinity { return nil }
    return min(least, FrameGate.longest)
  }

  mutating func add(_ value: Float) {
    running = min(running, value)
    count += 1
    if count == Self.window {
      (before, running, count) = (running, .infinity, 0)
    }
  }
}
