import Foundation
import Swiftlet
import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// At 4 bits the second plane of a nested file stays on disk: no page of it is ever touched.
struct ResidencyTests {
  /// Bytes around a touched page that the kernel may map along with it (fault-around).
  static let window = 1 << 16

  /// A network whose second plane is 2 MiB.
  static var network: QuantizedNetwork {
    var b = NetworkBuilder("two planes", height: 4, width: 4, seed: 5)
    let first = b.convolution(b.network.input, channels: 1024, .init(3, pad: 1))
    var x = b.globalAverage(first)
    for _ in 0..<4 { x = b.convolution(x, channels: 1024, format: .nested8) }
    b.network.outputs = [b.dequantize(x)]
    return b.network
  }

  /// How many whole pages of `bytes` are in this process's page table; pages within a
  /// fault-around window of other sections are left out.
  static func residentPages(_ bytes: UnsafeRawBufferPointer) throws -> (present: Int, all: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let base = Int(bitPattern: try #require(bytes.baseAddress))
    let first = (base + window - 1) / window * window / page
    let end = (base + bytes.count) / window * window / page
    guard end > first else { return (0, 0) }
    let map = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/pagemap"))
    defer { try? map.close() }
    try map.seek(toOffset: UInt64(first * 8))
    let data = try #require(try map.read(upToCount: (end - first) * 8))
    // Bit 63 of an entry: present (the kernel's admin-guide/mm/pagemap).
    let present = (0..<end - first).filter { data[data.startIndex + $0 * 8 + 7] & 0x80 != 0 }
    return (present.count, end - first)
  }

  @Test func secondPlane_runsAtFourBits_isNeverMapped() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).swlt")
    try Data(ModelWriter.write(Self.network)).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try Self.dropFromCache(file)

    let model = try Model(mapping: file.path)
    let plane = model.contents.section(.refinement)
    #expect(plane.count == 4 * 1024 * 1024 / 2)
    for threads in [1, 2] {
      var session = try Session(model, SessionOptions(threads: threads, bits: .four))
      SessionTests.fill(session.input, seed: 2)
      for _ in 0..<3 { session.run() }
      let (present, all) = try Self.residentPages(plane)
      #expect(all > 400)
      #expect(present == 0, "\(present) of \(all) pages were touched at 4 bits")
    }
    // The measure can see pages: the first plane was read, and the second is at 8 bits.
    let first = try Self.residentPages(model.contents.section(.weights))
    #expect(first.present == first.all && first.all > 400)
    var session = try Session(model, SessionOptions(bits: .four))
    SessionTests.fill(session.input, seed: 2)
    session.run()
    #expect(try Self.residentPages(plane).present == 0)
    try session.setBits(.eight)
    session.run()
    let second = try Self.residentPages(plane)
    #expect(second.present == second.all)
  }

  /// Writes the file out and drops its pages, so that none is there before it is read.
  private static func dropFromCache(_ file: URL) throws {
    let handle = try FileHandle(forUpdating: file)
    defer { try? handle.close() }
    try handle.synchronize()
    #expect(posix_fadvise(handle.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
  }
}
