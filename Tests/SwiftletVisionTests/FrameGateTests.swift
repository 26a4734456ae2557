import Foundation
import SwiftletVision
import Testing

/// A network's input in memory of its own, painted frame by frame.
private final class Screen {
  let target: PixelTarget
  private var state: UInt64 = 88_172_645_463_325_252

  init(width: Int, height: Int, xor: UInt8 = 0) {
    let line = width * 4 + 32
    let base = UnsafeMutableRawPointer.allocate(byteCount: line * height + 64, alignment: 64)
    memset(base, 0x5A, line * height + 64)
    target = PixelTarget(
      base: base, line: line, width: width, height: height, xor: xor, isBGR: false)
  }

  deinit { target.base.deallocate() }

  func random() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// Nearly normal noise of standard deviation `sigma`: twelve uniform values.
  func noise(_ sigma: Double) -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += Double(random() >> 11) / 9_007_199_254_740_992 }
    return sum * sigma
  }

  /// `scene` in grey levels plus noise.
  func paint(sigma: Double = 0, _ scene: (_ x: Int, _ y: Int, _ c: Int) -> Double) {
    for y in 0..<target.height {
      for x in 0..<target.width {
        for c in 0..<4 {
          let level = c == 3 ? 0 : scene(x, y, c) + (sigma > 0 ? noise(sigma) : 0)
          target.base.storeBytes(
            of: UInt8(min(255, max(0, level.rounded()))) ^ target.xor,
            toByteOffset: y * target.line + x * 4 + c, as: UInt8.self)
        }
      }
    }
  }

  /// Runs frames through a gate; how many were computed.
  func computed(
    _ gate: inout FrameGate, frames: Int, sigma: Double = 0,
    _ scene: (_ frame: Int, _ x: Int, _ y: Int, _ c: Int) -> Double
  ) -> Int {
    var count = 0
    for frame in 0..<frames {
      paint(sigma: sigma) { scene(frame, $0, $1, $2) }
      if !gate.isUnchanged() {
        gate.remember()
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
  @Test(arguments: [UInt8(0), 128])
  func exact_oneBitAnywhere_isAChange(_ xor: UInt8) {
    for (width, height) in [(16, 16), (33, 17), (7, 5), (224, 224)] {
      let screen = Screen(width: width, height: height, xor: xor)
      var gate = FrameGate(screen.target, .exact)
      screen.paint(room)
      let first = gate.isUnchanged()
      #expect(!first, "nothing was computed yet")
      gate.remember()
      let same = gate.isUnchanged()
      #expect(same)
      for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)] {
        for c in 0..<3 {
          let at = screen.target.base + y * screen.target.line + x * 4 + c
          let old = at.load(as: UInt8.self)
          at.storeBytes(of: old ^ 1, as: UInt8.self)
          let changed = !gate.isUnchanged()
          #expect(changed, "\(x) \(y) \(c)")
          at.storeBytes(of: old, as: UInt8.self)
          let restored = gate.isUnchanged()
          #expect(restored)
        }
      }
      gate.forget()
      let afterForgetting = gate.isUnchanged()
      #expect(!afterForgetting)
    }
  }

  @Test(arguments: [0.5, 1.0, 2.0, 3.0])
  func measured_noisyStillCamera_isHeld(_ sigma: Double) {
    let screen = Screen(width: 160, height: 112)
    var gate = FrameGate(screen.target, .measured)
    _ = screen.computed(&gate, frames: 8, sigma: sigma) { room($1, $2, $3) }
    let computed = screen.computed(&gate, frames: 150, sigma: sigma) { room($1, $2, $3) }
    #expect(computed <= 1, "of 150 frames with noise \(sigma)")
    // Mean absolute difference of two frames of noise sigma: 2 sigma / sqrt(pi), and rounding.
    #expect(abs(Double(gate.noiseLevel) - 1.128 * sigma) < 0.15 * sigma + 0.1)
  }

  @Test(arguments: [0.0, 1.0, 2.0])
  func measured_slowDrift_isComputedBeforeItIsSeen(_ sigma: Double) {
    let screen = Screen(width: 160, height: 112)
    var gate = FrameGate(screen.target, .measured)
    _ = screen.computed(&gate, frames: 40, sigma: sigma) { room($1, $2, $3) }
    // A twentieth of a level a frame: 10 levels in all, never visible between two frames.
    let computed = screen.computed(&gate, frames: 200, sigma: sigma) {
      room($1, $2, $3) + Double($0) * 0.05
    }
    #expect(computed >= 8, "a level of drift must not be held: \(computed) computed")
    // One grey level a frame, as in `exact`: every frame, or every second in noise.
    let fast = screen.computed(&gate, frames: 60, sigma: sigma) {
      room($1, $2, $3) - Double($0)
    }
    #expect(fast >= 30)
  }

  @Test(arguments: [0.0, 1.0, 2.0])
  func measured_smallMovingObjectCutAndPan_areComputed(_ sigma: Double) {
    let screen = Screen(width: 160, height: 112)
    var gate = FrameGate(screen.target, .measured)
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

  @Test func measured_panFromTheStart_isNeverHeld() {
    let screen = Screen(width: 160, height: 112)
    var gate = FrameGate(screen.target, .measured)
    for speed in [0.5, 1.0, 3.0] {
      let pan = screen.computed(&gate, frames: 80, sigma: 1) { frame, x, y, c in
        room(Double(x) + speed * Double(frame), Double(y), c)
      }
      #expect(pan == 80, "\(speed) pixels a frame")
    }
  }

  @Test func levels_zeroAndAbove_compareTheMeanOfEachTile() {
    let screen = Screen(width: 40, height: 40)
    var gate = FrameGate(screen.target, .levels(2))
    screen.paint { _, _, _ in 100 }
    let start = gate.isUnchanged()
    #expect(!start)
    gate.remember()
    screen.paint { _, _, _ in 102 }
    let near = gate.isUnchanged()
    #expect(near)
    // The last, narrow tile alone: 8 x 8 pixels.
    screen.paint { x, y, _ in x >= 32 && y >= 32 ? 103 : 100 }
    let corner = gate.isUnchanged()
    #expect(!corner)
    screen.paint { x, y, _ in x >= 32 && y >= 32 && (x + y) % 2 == 0 ? 104 : 100 }
    let half = gate.isUnchanged()
    #expect(half)
  }
}
