import CShims

/// Decides whether a camera's frame shows what was computed last, so that the result can be held.
///
/// The frame is compared as it came, before it becomes colours and is fitted into a network's
/// input: that would cost many times as much as comparing. It is compared in tiles of 32 x 32
/// pixels with the last *computed* frame, never with the last seen one: slow drift adds up until
/// it shows. A tile has changed if its mean absolute difference passes the noise, or if its mean
/// moved, which noise hardly does.
///
/// Integers only, the same on every CPU. Memory is taken when the size of frames changes.
public struct FrameGate: ~Copyable {
  /// What counts as unchanged.
  public enum Tolerance: Sendable {
    /// Equal bytes: a held result is bit for bit what a run would give.
    case exact
    /// A tile's mean absolute difference in grey levels, at most `2 * longest`.
    case levels(Float)
    /// 1.5 times the camera's noise, measured while frames come.
    case measured
  }

  private let tolerance: Tolerance
  private var tiles = GateTiles()
  private var noise = NoiseMeter()
  /// The last computed frame, as it came.
  private var computed: UnsafeMutablePointer<UInt8>
  private var hasComputed = false
  /// The tile that changed last: the next change is likely near it.
  private var start = 0
  private var width = 0
  private var height = 0
  private var format: YUVFormat?
  private var bytes = 0

  /// The noise beyond which a camera is not gated, in grey levels: a pan must not pass for noise.
  public static var longest: Float { 5 }

  /// A gate for one camera; not thread-safe.
  public init(_ tolerance: Tolerance) {
    self.tolerance = tolerance
    computed = .allocate(capacity: 64)
  }

  deinit { computed.deallocate() }

  /// The noise in use, grey levels; 0 while none was measured.
  public var noiseLevel: Float { Float(noise.level ?? 0) / 256 }

  /// Whether `image` shows what was computed last, within the tolerance. Call it once for each
  /// frame: it also measures.
  public mutating func isUnchanged(_ image: borrowing Image) -> Bool {
    if image.width == 0 || image.height == 0 { return false }
    prepare(image)
    let seen = UnsafePointer(image.memory)
    var limits: (mean: Int, drift: Int)?
    switch tolerance {
    case .exact: break
    case .levels(let levels):
      // In 1/256; a number that is none counts as 0.
      let most = levels > 0 ? Int(min(levels, 2 * Self.longest) * 256) : 0
      limits = (most, most)
    case .measured:
      noise.measure(seen, tiles)
      // Noise of mean absolute difference n has deviation 1.25 n; the mean over a tile of 1024
      // values then has 0.04 n. An eighth of n and a quarter level are five deviations or more.
      if let level = noise.level { limits = (level + level / 2 + 128, level / 8 + 64) }
    }
    if !hasComputed { return false }
    guard let limits else { return isSame(seen) }
    return isNear(seen, mean: limits.mean, drift: limits.drift)
  }

  /// `image` is being computed: later frames are compared with it.
  public mutating func remember(_ image: borrowing Image) {
    if image.width == 0 || image.height == 0 { return }
    prepare(image)
    memcpy(computed, image.memory, bytes)
    hasComputed = true
  }

  /// The next frame is computed whatever it shows: another network or operating point answers.
  public mutating func forget() { hasComputed = false }

  private mutating func prepare(_ image: borrowing Image) {
    if image.width == width && image.height == height && image.format == format { return }
    (width, height, format) = (image.width, image.height, image.format)
    bytes = format?.bytes(width: width, height: height) ?? width * height * 3
    computed.deallocate()
    // Behind it 16 bytes may be read.
    computed = .allocate(capacity: bytes + 64)
    (computed + bytes).initialize(repeating: 0, count: 64)
    tiles = GateTiles(width: width, height: height, format: format)
    noise = NoiseMeter(tiles)
    hasComputed = false
    start = 0
  }

  private func isSame(_ seen: UnsafePointer<UInt8>) -> Bool {
    let a = UnsafeRawPointer(seen)
    let b = UnsafeRawPointer(computed)
    var at = 0
    while at + 64 <= bytes {
      var difference = SIMD16<UInt8>.zero
      for i in 0..<4 {
        difference |=
          a.loadUnaligned(fromByteOffset: at + 16 * i, as: SIMD16<UInt8>.self)
          ^ b.loadUnaligned(fromByteOffset: at + 16 * i, as: SIMD16<UInt8>.self)
      }
      if difference != .zero { return false }
      at += 64
    }
    while at < bytes {
      if seen[at] != computed[at] { return false }
      at += 1
    }
    return true
  }

  /// Whether every tile is within the limits, in 1/256 grey levels. First the tile that changed
  /// last, then rows of tiles, line by line as they lie in memory, up to the first change.
  private mutating func isNear(_ seen: UnsafePointer<UInt8>, mean: Int, drift: Int) -> Bool {
    let columns = tiles.columns
    var first = start / columns * columns
    if changed(start, 1, seen, mean, drift) { return false }
    for _ in 0..<tiles.count / columns {
      if changed(first, columns, seen, mean, drift) { return false }
      first += columns
      if first == tiles.count { first = 0 }
    }
    return true
  }

  /// Whether one of `count` tiles beside each other passes a limit; it is where to start next.
  private mutating func changed(
    _ first: Int, _ count: Int, _ seen: UnsafePointer<UInt8>, _ mean: Int, _ drift: Int
  ) -> Bool {
    let list = tiles.list + first
    let sums = tiles.sums
    for i in 0..<count { sums[i] = TileSums() }
    var move = 0
    for _ in 0..<Int(list.pointee.rows) {
      for i in 0..<count {
        let at = Int(list[i].offset) &+ move
        sums[i].add(seen + at, computed + at, bytes: Int(list[i].bytes))
      }
      move += Int(list.pointee.line)
    }
    for i in 0..<count {
      let values = Int(list[i].bytes) * Int(list[i].rows)
      if sums[i].difference.passes(
        mean: mean, drift: drift, values: values, isMixed: tiles.isMixed)
      {
        start = first + i
        return true
      }
    }
    return false
  }
}
