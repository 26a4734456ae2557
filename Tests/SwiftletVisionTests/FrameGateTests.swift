import Foundation
import SwiftletVision
import Testing

/// A camera's picture, painted frame by frame.
private struct Screen: ~Copyable {
  var image: Image
  private var state: UInt64 = 88_172_645_463_325_252

  init(width: Int, height: Int) throws { image = try Image(width: width, height: height) }

  private mutating func random() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// Nearly normal noise of standard deviation `sigma`: the sum of eight uniform bytes.
  private mutating func noise(_ sigma: Double) -> Double {
    let bits = random()
    var sum = 0.0
    for i in 0..<8 { sum += Double(bits >> UInt64(8 * i) & 255) - 127.5 }
    return sum * sigma / 209.02
  }

  /// `scene` in grey levels plus noise.
  mutating func paint(sigma: Double = 0, _ scene: (_ x: Int, _ y: Int, _ c: Int) -> Double) {
    for y in 0..<image.height {
      for x in 0..<image.width {
        for c in 0..<3 {
          let level = scene(x, y, c) + (sigma > 0 ? noise(sigma) : 0)
          image.pixels[(y * image.width + x) * 3 + c] = UInt8(min(255, max(0, level.rounded())))
        }
      }
    }
  }

  /// Runs frames through a gate; how many were computed.
  mutating func computed(
    _ gate: inout FrameGate, frames: Int, sigma: Double = 0,
    _ scene: (_ frame: Int, _ x: Int, _ y: Int, _ c: Int) -> Double
  ) -> Int {
    var count = 0
    for frame in 0..<frames {
      paint(sigma: sigma) { scene(frame, $0, $1, $2) }
      if !gate.isUnchanged(image) {
        gate.remember(image)
        count += 1
      }
    }
    return count
  }
}

/// A room: surfaces, an edge, texture; shifted by (dx, dy).
private func room(_ x: Double, _ y: Double, _ c: Int) -> Double {
  let wall = 90 + 40 * sin(x / 31) + 20 * cos(y / 23) + Double(c * 8)
  let texture = 18 * sin(x * 1.3) * cos(y * 0.9)
  return wall + texture + (x > 40 && x < 90 && y > 30 ? 45 : 0)
}

private func room(_ x: Int, _ y: Int, _ c: Int) -> Double { room(Double(x), Double(y), c) }

struct FrameGateTests {
  @Test(arguments: [YUVFormat.i420, .nv12, .yuyv, .i422, .i444, .gray])
  func everyTolerance_eachByteOfEachFormat_isCompared(_ format: YUVFormat) throws {
    for (width, height) in [(16, 16), (33, 17), (7, 5), (65, 34)] {
      let count = format.bytes(width: width, height: height)
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
      defer { bytes.deallocate() }
      for i in 0..<count { bytes[i] = UInt8(truncatingIfNeeded: 60 + i % 90) }
      func frame() throws -> Image {
        try Image(
          samples: UnsafeRawBufferPointer(bytes), format: format, width: width, height: height,
          matrix: ColorMatrix())
      }
      // One byte of a tile moved by 100 levels is far less than a level in the tile's mean.
      for tolerance in [FrameGate.Tolerance.exact, .levels(0), .measured] {
        var gate = FrameGate(tolerance)
        let clean = try frame()
        let first = gate.isUnchanged(clean)
        #expect(!first, "nothing was computed yet")
        gate.remember(clean)
        let same = gate.isUnchanged(clean)
        #expect(same)
        for i in 0..<count {
          bytes[i] ^= 1
          let other = try frame()
          bytes[i] ^= 1
          let held = gate.isUnchanged(other)
          #expect(!held, "byte \(i) of \(width) x \(height)")
          // Without noise in between nothing is learned.
          if case .measured = tolerance { gate = FrameGate(tolerance) }
          if case .measured = tolerance { gate.remember(clean) }
        }
        gate.forget()
        let forgotten = gate.isUnchanged(clean)
        #expect(!forgotten)
      }
    }
  }

  @Test func anotherSizeOrFormat_isComputed() throws {
    var gate = FrameGate(.exact)
    let small = try Image(width: 16, height: 16)
    let large = try Image(width: 32, height: 16)
    gate.remember(small)
    let other = gate.isUnchanged(large)
    #expect(!other)
    let back = gate.isUnchanged(small)
    #expect(!back, "what was computed is known of one size")
    let empty = gate.isUnchanged(Image())
    #expect(!empty)
  }

  @Test(arguments: [0.5, 1.0, 2.0, 3.0])
  func measured_noisyStillCamera_isHeld(_ sigma: Double) throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    _ = screen.computed(&gate, frames: 8, sigma: sigma) { room($1, $2, $3) }
    let computed = screen.computed(&gate, frames: 150, sigma: sigma) { room($1, $2, $3) }
    #expect(computed <= 1, "of 150 frames with noise \(sigma)")
    // Mean absolute difference of two frames of noise sigma: 2 sigma / sqrt(pi), and rounding.
    #expect(abs(Double(gate.noiseLevel) - 1.128 * sigma) < 0.15 * sigma + 0.1)
  }

  @Test(arguments: [0.0, 1.0, 2.0])
  func measured_slowDrift_isComputedBeforeItIsSeen(_ sigma: Double) throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    _ = screen.computed(&gate, frames: 40, sigma: sigma) { room($1, $2, $3) }
    // A twentieth of a level a frame: 10 levels in all, never visible between two frames.
    let computed = screen.computed(&gate, frames: 200, sigma: sigma) {
      room($1, $2, $3) + Double($0) * 0.05
    }
    #expect(computed >= 8, "a level of drift must not be held: \(computed) computed")
    let fast = screen.computed(&gate, frames: 60, sigma: sigma) {
      room($1, $2, $3) - Double($0)
    }
    #expect(fast >= 30)
  }

  @Test(arguments: [0.0, 1.0, 2.0])
  func measured_smallMovingObjectCutAndPan_areComputed(_ sigma: Double) throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    _ = screen.computed(&gate, frames: 40, sigma: sigma) { room($1, $2, $3) }
    let object = screen.computed(&gate, frames: 30, sigma: sigma) { frame, x, y, c in
      let left = 10 + frame * 4
      return x >= left && x < left + 12 && y >= 50 && y < 62 ? 200 : room(x, y, c)
    }
    #expect(object == 30)
    let cut = screen.computed(&gate, frames: 1, sigma: sigma) { 255 - room($1, $2, $3) }
    #expect(cut == 1)
    let pan = screen.computed(&gate, frames: 90, sigma: sigma) { frame, x, y, c in
      room(x + 2 * frame, y, c)
    }
    #expect(pan == 90)
  }

  @Test(arguments: [0.0, 1.0, 3.0])
  func measured_panFromTheStart_isNeverHeld(_ sigma: Double) throws {
    for speed in [0.5, 1.0, 3.0] {
      var screen = try Screen(width: 160, height: 112)
      var gate = FrameGate(.measured)
      let pan = screen.computed(&gate, frames: 60, sigma: sigma) { frame, x, y, c in
        room(Double(x) + speed * Double(frame), Double(y), c)
      }
      #expect(pan == 60, "\(speed) pixels a frame, noise \(sigma)")
    }
  }

  /// Every tile alike and of low contrast: the median of the differences is that of all tiles.
  @Test(arguments: [0.0, 1.0])
  func measured_evenTexturePansFromTheStart_isNotTakenForNoise(_ sigma: Double) throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    let pan = screen.computed(&gate, frames: 60, sigma: sigma) { frame, x, y, _ in
      110 + 9 * sin((Double(x) + 0.5 * Double(frame)) / 3) * cos(Double(y) / 3)
    }
    #expect(Double(gate.noiseLevel) < 1.128 * sigma * 1.15 + 0.2)
    #expect(pan >= 20, "a pan is held for a pixel and a half at most: \(pan)")
  }

  @Test func measured_objectOverMostTilesFromTheStart_isNotTakenForNoise() throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    let computed = screen.computed(&gate, frames: 80, sigma: 1) { frame, x, y, c in
      x < 128 ? room(Double(x) + 0.7 * Double(frame), Double(y), c) : room(x, y, c)
    }
    #expect(computed == 80)
    #expect(gate.noiseLevel < 1.4)
  }

  @Test func measured_repeatedFramesThenNoise_areNotTakenForASilentCamera() throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    for _ in 0..<30 { screen.paint(sigma: 2) { room($0, $1, $2) } }
    for _ in 0..<30 where !gate.isUnchanged(screen.image) { gate.remember(screen.image) }
    _ = screen.computed(&gate, frames: 6, sigma: 2) { room($1, $2, $3) }
    let computed = screen.computed(&gate, frames: 100, sigma: 2) { room($1, $2, $3) }
    #expect(computed <= 1)
    // A sensor of half the stream's rate: every frame comes twice.
    var twice = 0
    for _ in 0..<40 {
      screen.paint(sigma: 2) { room($0, $1, $2) }
      for _ in 0..<2 where !gate.isUnchanged(screen.image) {
        gate.remember(screen.image)
        twice += 1
      }
    }
    #expect(twice <= 1)
  }

  @Test func measured_flicker_neitherHeldFarOffNorTakenForNoise() throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    var computedLight = 1.0
    for frame in 0..<120 {
      let light = 1 + 0.02 * sin(2 * Double.pi * Double(frame % 10) / 10)
      screen.paint(sigma: 1) { room($0, $1, $2) * light }
      if gate.isUnchanged(screen.image) {
        #expect(abs(light - computedLight) * 130 < 1, "frame \(frame)")
      } else {
        gate.remember(screen.image)
        computedLight = light
      }
    }
    #expect(gate.noiseLevel < 1.5)
  }

  @Test func measured_noiseGrows_isLearnedAgain() throws {
    var screen = try Screen(width: 160, height: 112)
    var gate = FrameGate(.measured)
    _ = screen.computed(&gate, frames: 60, sigma: 0.5) { room($1, $2, $3) }
    _ = screen.computed(&gate, frames: 70, sigma: 3) { room($1, $2, $3) }
    let computed = screen.computed(&gate, frames: 60, sigma: 3) { room($1, $2, $3) }
    #expect(computed <= 1)
  }

  @Test func levels_zeroAndAbove_compareTheMeanOfEachTile() throws {
    var screen = try Screen(width: 40, height: 40)
    var gate = FrameGate(.levels(2))
    screen.paint { _, _, _ in 100 }
    gate.remember(screen.image)
    screen.paint { _, _, _ in 102 }
    let near = gate.isUnchanged(screen.image)
    #expect(near)
    // The last, narrow tile alone: 8 x 8 pixels.
    screen.paint { x, y, _ in x >= 32 && y >= 32 ? 103 : 100 }
    let corner = gate.isUnchanged(screen.image)
    #expect(!corner)
    screen.paint { x, y, _ in x >= 32 && y >= 32 && (x + y) % 2 == 0 ? 104 : 100 }
    let half = gate.isUnchanged(screen.image)
    #expect(half)
    var odd = FrameGate(.levels(.nan))
    odd.remember(screen.image)
    let same = odd.isUnchanged(screen.image)
    #expect(same, "no number counts as 0")
  }
}
