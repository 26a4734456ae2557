import SwiftletVision

/// Frames of a camera that show nothing new: without pruning those equal to the last computed one
/// bit for bit, with it those equal within the camera's noise.
package struct LoopGate: ~Copyable {
  private var exact = FrameGate(.exact)
  private var noise = FrameGate(.measured)

  package init() {}

  /// Whether the last result stands; otherwise the frame is taken for the computed one.
  package mutating func holds(_ image: borrowing Image, isPruned: Bool) -> Bool {
    if isPruned {
      if noise.isUnchanged(image) { return true }
      noise.remember(image)
    } else {
      if exact.isUnchanged(image) { return true }
      exact.remember(image)
    }
    return false
  }

  /// The next frame is computed whatever it shows.
  mutating func forget() {
    exact.forget()
    noise.forget()
  }
}
