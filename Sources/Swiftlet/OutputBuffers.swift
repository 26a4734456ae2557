import SwiftletCore
import SwiftletOperators

/// The network's outputs as plain float arrays [channels][height][width].
final class OutputBuffers {
  struct Buffer {
    let channels: Int
    let view: TensorView
    let values: UnsafeBufferPointer<Float>
    /// Made by a softmax.
    let isProbability: Bool
    fileprivate let memory: UnsafeMutablePointer<Float>
  }

  let list: [Buffer]

  init(_ contents: ModelContents, _ views: [TensorView]) {
    list = contents.outputs.map { tensor in
      let t = contents.tensors[tensor]
      let count = t.channels * t.height * t.width
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      return Buffer(
        channels: t.channels, view: views[tensor],
        values: UnsafeBufferPointer(start: memory, count: count),
        isProbability: contents.operators.contains { $0.output == tensor && $0.code == .softmax },
        memory: memory)
    }
  }

  deinit { for buffer in list { buffer.memory.deallocate() } }

  /// Copies from blocks of 16 channels to whole channels.
  func gather() {
    for b in list {
      var to = b.memory
      for c in 0..<b.channels {
        for y in 0..<b.view.height {
          let from = b.view.address(c / 16, y, 0).assumingMemoryBound(to: Float.self) + c % 16
          for x in 0..<b.view.width { to[x] = from[x * 16] }
          to += b.view.width
        }
      }
    }
  }
}

/// Reads a tensor of the arena as real values.
struct TensorReader {
  private let contents: ModelContents
  private let view: TensorView
  private let storageXor: UInt8

  init(_ contents: ModelContents, _ view: TensorView, _ storageXor: UInt8) {
    self.contents = contents
    self.view = view
    self.storageXor = storageXor
  }

  /// [channels][height][width].
  func values(_ tensor: Int) -> [Float] {
    let t = contents.tensors[tensor]
    var out: [Float] = []
    out.reserveCapacity(t.channels * t.height * t.width)
    for c in 0..<t.channels {
      let (scale, zero) = parameters(t, c)
      for y in 0..<t.height {
        for x in 0..<t.width {
          if t.kind == .float32 {
            out.append(view.address(c / 16, y, x).load(fromByteOffset: c % 16 * 4, as: Float.self))
          } else {
            let q = view.address(c / 16, y, x).load(fromByteOffset: c % 16, as: UInt8.self)
            out.append(scale * Float(Int(q ^ storageXor) - zero))
          }
        }
      }
    }
    return out
  }

  private func parameters(_ t: TensorRecord, _ c: Int) -> (Float, Int) {
    guard t.kind == .uint8PerChannel else { return (t.scale, t.zeroPoint) }
    return (
      (contents.parameters + t.scales + c * 4).load(as: Float.self),
      Int((contents.parameters + t.zeroPoints + c).load(as: UInt8.self))
    )
  }
}
