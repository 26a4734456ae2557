import SwiftletCore
import SwiftletDevice
import SwiftletPower

/// Modelled joules above a board's base of what a camera's frame needs: one thread at the highest
/// clock. Nothing is measured.
///
/// Instructions are those that tools/gate counts for a frame of 640 x 480 YUYV; other frames are
/// in proportion to their bytes. They run one a cycle, and the frame and the one it is compared
/// with come from memory, one after the other: a bound from above.
package struct FrameEnergy: Sendable {
  package let power: PowerModel
  private let time: TimeModel

  /// The model of a board. Throws CFG if its core is unknown.
  package init(_ board: BoardProfile) throws(SwiftletError) {
    guard let model = TimeModel(board) else {
      throw SwiftletError(
        .settingsValue, place: board.name, expected: CoreRates.nameList,
        found: board.clusters.first?.core ?? "no cluster")
    }
    time = model
    power = PowerModel(board)
  }

  /// A network's run.
  package func run(_ layers: [LayerWork]) -> Double {
    let run = time.predict(layers, clock: power.topClock, threads: 1)
    return run.coreSeconds * power.coreWatts(at: power.topClock) + run.bytes * power.joulesPerByte
  }

  /// Bringing a frame of so many bytes into a network's input.
  package func conversion(of bytes: Int) -> Double { joules(14.68e6, bytes, passes: 1) }

  /// A frame that the gate holds: it was compared in full.
  package func hold(of bytes: Int) -> Double { joules(0.894e6, bytes, passes: 2) }

  /// What the gate adds to a frame that is computed: it is measured and remembered.
  package func remembering(of bytes: Int) -> Double {
    joules(0.103e6 + 0.096e6, bytes, passes: 2.2)
  }

  private func joules(_ instructions: Double, _ bytes: Int, passes: Double) -> Double {
    let share = Double(bytes) / 614_400
    let traffic = Double(bytes) * passes
    let seconds = instructions * share / (power.topClock * 1e6) + traffic / 2.3e9
    return seconds * power.coreWatts(at: power.topClock) + traffic * power.joulesPerByte
  }
}
