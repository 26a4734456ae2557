/// Brings pictures of one size into a network's input: antialiased bicubic, first along rows,
/// then along columns, rounded to 8 bits after each: the pixels of Pillow's `resize` with
/// `BICUBIC`, bit for bit, on every CPU.
///
/// Tables and memory are made once; a frame allocates nothing.
public struct Resampler: ~Copyable {
  let width: Int
  let height: Int
  let target: PixelTarget
  let rule: FitRule
  private let columns: ResampleTable
  private let rows: ResampleTable
  /// [ringRows][target.width][4]: source rows after the first pass; row y is at y % ringRows.
  private let ring: UnsafeMutablePointer<UInt8>
  private let ringRows: Int
  private let ringLine: Int
  /// One source row: the last one of RGB888 with slack behind it, which pictures lack, or any one
  /// of samples as pixels of four bytes.
  private let rowPixels: UnsafeMutablePointer<UInt8>
  /// Source pixels of a row that count; the first is a multiple of 16.
  private let used: Range<Int>

  /// A resampler for pictures of `width` x `height`, both at least 1.
  public init(width: Int, height: Int, rule: FitRule, target: PixelTarget) {
    precondition(width > 0 && height > 0 && target.width > 0 && target.height > 0)
    self.width = width
    self.height = height
    self.rule = rule
    self.target = target
    let spans = FitSpan.make(
      rule, width: width, height: height, toWidth: target.width, toHeight: target.height)
    columns = ResampleTable(spans.x)
    rows = ResampleTable(spans.y)
    ringRows = min(rows.taps, height)
    ringLine = (target.width * 4 + 15) & ~15
    ring = .allocate(capacity: ringRows * ringLine)
    ring.initialize(repeating: 0, count: ringRows * ringLine)
    rowPixels = .allocate(capacity: (width + YUVRows.slack) * 4)
    rowPixels.initialize(repeating: 0, count: (width + YUVRows.slack) * 4)
    let last = target.width - 1
    used = Int(columns.first[0]) & ~15..<Int(columns.first[last] + columns.used[last])
  }

  deinit {
    ring.deallocate()
    rowPixels.deallocate()
  }

  /// Writes `image`, whose size must be the resampler's, into the target; samples of a camera
  /// become colours on the way, row by row.
  public func resample(_ image: borrowing Image) {
    precondition(image.width == width && image.height == height)
    guard let rows = image.rows else { return resample(image.pixels) }
    run { row in
      rows.convert(row, used.lowerBound, used.upperBound, rowPixels)
      squeeze(rowPixels, 4, ring + row % ringRows * ringLine)
    }
  }

  /// Writes the picture at `source`, [height][width][3] bytes, into the target.
  func resample(_ source: UnsafePointer<UInt8>) {
    rowPixels.update(from: source + (height - 1) * width * 3, count: width * 3)
    run { row in
      let pixels = row == height - 1 ? UnsafePointer(rowPixels) : source + row * width * 3
      squeeze(pixels, 3, ring + row % ringRows * ringLine)
    }
  }

  /// Writes what lies in another network's input, whose size must be the resampler's.
  public func resample(_ source: PixelTarget) {
    precondition(source.width == width && source.height == height)
    let flip = SIMD4<UInt8>(repeating: source.xor)
    run { row in
      let from = UnsafeRawPointer(source.base + row * source.line)
      for x in used.lowerBound..<min(used.upperBound, width) {
        let bytes = from.loadUnaligned(fromByteOffset: x * 4, as: UInt32.self)
        let p = unsafeBitCast(bytes, to: SIMD4<UInt8>.self) ^ flip
        let red = source.isBGR ? SIMD4(p.z, p.y, p.x, p.w) : p
        UnsafeMutableRawPointer(rowPixels).storeBytes(
          of: unsafeBitCast(red, to: UInt32.self), toByteOffset: x * 4, as: UInt32.self)
      }
      squeeze(rowPixels, 4, ring + row % ringRows * ringLine)
    }
  }

  /// Calls `fetch` for each source row that counts, in order, just before it is needed.
  @inline(__always)
  private func run(_ fetch: (Int) -> Void) {
    var next = Int(rows.first[0])
    for y in 0..<target.height {
      let end = Int(rows.first[y] + rows.used[y])
      while next < end {
        fetch(next)
        next += 1
      }
      mix(y, to: target.base + y * target.line)
    }
  }

  /// First pass: one source row [width][3 or 4] to [target.width][4] in the target's colour order.
  @inline(__always)
  @_optimize(speed)
  private func squeeze(
    _ row: UnsafePointer<UInt8>, _ step: Int, _ to: UnsafeMutablePointer<UInt8>
  ) {
    let out = UnsafeMutableRawPointer(to)
    let isBGR = target.isBGR
    let half = Int32(1) << (ResampleTable.fractionBits - 1)
    var weights = UnsafePointer(columns.weights)
    for x in 0..<target.width {
      var sum = SIMD4<Int32>(half, half, half, 0)
      // SAFETY: four bytes are read for three; behind a row is the next one, or slack.
      var at = UnsafeRawPointer(row) + Int(columns.first[x]) * step
      for k in 0..<Int(columns.used[x]) {
        let bytes = unsafeBitCast(at.loadUnaligned(as: UInt32.self), to: SIMD4<UInt8>.self)
        sum &+= SIMD4<Int32>(truncatingIfNeeded: bytes) &* weights[k]
        at += step
      }
      weights += columns.taps
      var value = (sum &>> ResampleTable.fractionBits).clamped(
        lowerBound: .zero, upperBound: SIMD4(repeating: 255))
      if isBGR { value = SIMD4(value.z, value.y, value.x, value.w) }
      value.w = 0
      let bytes = SIMD4<UInt8>(truncatingIfNeeded: value)
      out.storeBytes(
        of: unsafeBitCast(bytes, to: UInt32.self), toByteOffset: x * 4, as: UInt32.self)
    }
  }

  /// Second pass: one target row out of the ring, 16 bytes at a time, the last ones again if the
  /// row is no multiple.
  @_optimize(speed)
  private func mix(_ y: Int, to out: UnsafeMutableRawPointer) {
    let bytes = target.width * 4
    let stored = SIMD16<UInt8>(repeating: target.xor)
    var at = 0
    while at + 16 <= bytes {
      out.storeUnaligned(mixed(y, at) ^ stored, toByteOffset: at)
      at += 16
    }
    if at < bytes {
      // The ring's lines are padded to 16.
      let rest = mixed(y, at) ^ stored
      for i in 0..<bytes - at { out.storeBytes(of: rest[i], toByteOffset: at + i, as: UInt8.self) }
    }
  }

  @inline(__always)
  private func mixed(_ y: Int, _ at: Int) -> SIMD16<UInt8> {
    let half = Int32(1) << (ResampleTable.fractionBits - 1)
    var a = SIMD4<Int32>(repeating: half)
    var b = a
    var c = a
    var d = a
    let weights = rows.weights + y * rows.taps
    var slot = Int(rows.first[y]) % ringRows
    for k in 0..<Int(rows.used[y]) {
      let line = UnsafeRawPointer(ring) + slot * ringLine + at
      let weight = weights[k]
      a &+= Self.four(line, 0) &* weight
      b &+= Self.four(line, 4) &* weight
      c &+= Self.four(line, 8) &* weight
      d &+= Self.four(line, 12) &* weight
      slot += 1
      if slot == ringRows { slot = 0 }
    }
    return SIMD16(
      lowHalf: SIMD8(lowHalf: Self.rounded(a), highHalf: Self.rounded(b)),
      highHalf: SIMD8(lowHalf: Self.rounded(c), highHalf: Self.rounded(d)))
  }

  @inline(__always)
  private static func four(_ line: UnsafeRawPointer, _ at: Int) -> SIMD4<Int32> {
    let bytes = line.loadUnaligned(fromByteOffset: at, as: UInt32.self)
    return SIMD4(truncatingIfNeeded: unsafeBitCast(bytes, to: SIMD4<UInt8>.self))
  }

  @inline(__always)
  private static func rounded(_ sum: SIMD4<Int32>) -> SIMD4<UInt8> {
    SIMD4(
      truncatingIfNeeded: (sum &>> ResampleTable.fractionBits).clamped(
        lowerBound: .zero, upperBound: SIMD4(repeating: 255)))
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  func storeUnaligned(_ value: SIMD16<UInt8>, toByteOffset offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: SIMD16<UInt8>.self)
  }
}

/// Brings pictures of any size into a network's input; keeps the resampler of the last size.
public struct InputWriter: ~Copyable {
  private let rule: FitRule
  private let target: PixelTarget
  private var resampler: Resampler

  /// A writer of pictures fitted by `rule` into `target`.
  public init(rule: FitRule, target: PixelTarget) {
    self.rule = rule
    self.target = target
    resampler = Resampler(width: 1, height: 1, rule: rule, target: target)
  }

  /// Writes `image` into the target; allocates only if its size differs from the last one's.
  /// An empty image leaves the target as it is.
  public mutating func write(_ image: borrowing Image) {
    if image.width == 0 || image.height == 0 { return }
    prepare(width: image.width, height: image.height)
    resampler.resample(image)
  }

  /// The same for RGB888 `pixels` in anyone's memory, [height][width][3]; `width` and `height`
  /// at least 1.
  public mutating func write(_ pixels: Span<UInt8>, width: Int, height: Int) {
    precondition(pixels.count == width * height * 3, "a frame is checked when it is made")
    prepare(width: width, height: height)
    pixels.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { resampler.resample(base) }
    }
  }

  private mutating func prepare(width: Int, height: Int) {
    if width != resampler.width || height != resampler.height {
      resampler = Resampler(width: width, height: height, rule: rule, target: target)
    }
  }
}
