/// A copy of bytes in memory aligned like a mapped file: for files made in memory and for tests.
public struct AlignedBytes: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer

  /// Copies `bytes` to a multiple of 64.
  public init(_ bytes: [UInt8]) {
    memory = .allocate(byteCount: bytes.count, alignment: ModelFormat.alignment)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
  /// For tests that damage a file on purpose.
  package var mutableBytes: UnsafeMutableRawBufferPointer { memory }
}

/// Shared memory at a multiple of 64, freed with its last owner.
final class AlignedMemory {
  let bytes: UnsafeMutableRawBufferPointer

  /// Not zeroed; `byteCount` > 0.
  init(byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: ModelFormat.alignment)
  }

  deinit { bytes.deallocate() }
}
