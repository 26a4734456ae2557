import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// Structure-aware mutations with right checksums: never a trap, and what is accepted is
/// consistent. Longer runs: `swiftlet-fuzz` (docs/format.md).
@Suite struct MutationTests {
  /// Mutations per tiny network; 21 networks.
  private static let count = 6000

  @Test func mutatedModels_areRefusedOrConsistent() throws {
    var accepted = 0
    var refused: Set<ErrorCode> = []
    for (number, network) in TinyNetworks.all.enumerated() {
      let mutator = try ModelMutator(
        try ModelWriter.write(network), seed: 1000 + UInt64(number))
      for _ in 0..<Self.count {
        mutator.next { bytes in
          do throws(SwiftletError) {
            let model = try ModelVerifier.verify(bytes: bytes, name: "mutated")
            accepted += 1
            #expect(ModelReach.sum(model) > 0)
          } catch {
            refused.insert(error.code)
          }
        }
      }
    }
    #expect(accepted > 1000)
    // Everything but -128, which only a plane's check sees, and what memory and the writer refuse.
    let expected = Set(ErrorCode.allCases.filter { (3001...3019).contains($0.rawValue) })
      .subtracting([.modelWeight])
    #expect(expected.subtracting(refused).isEmpty, "\(expected.subtracting(refused))")
  }

  @Test func mutator_withOneSeed_givesOneSeries() throws {
    let file = try ModelWriter.write(TinyNetworks.single(.add))
    func series() throws -> [[UInt8]] {
      let mutator = try ModelMutator(file, seed: 3)
      return (0..<50).map { _ in
        var copy: [UInt8] = []
        mutator.next { copy = Array($0) }
        return copy
      }
    }
    let first = try series()
    #expect(try series() == first)
    #expect(Set(first).count > 30)
  }

  @Test func everyEdgeOfEveryRecordByte_resealed_isRefusedOrConsistent() throws {
    let file = AlignedBytes(try ModelWriter.write(TinyNetworks.everything()))
    let sections = try ModelVerifier.verify(bytes: file.bytes, name: "").sections
    var accepted = 0
    var refused = 0
    for (row, section) in sections.enumerated() where !section.kind.isPlane {
      let range = section.offset..<(section.offset + section.size)
      for i in range {
        let old = file.bytes[i]
        for new in [0, 1, 2, 0x7F, 0x80, 0xFF, old ^ 1, old &+ 16] where new != old {
          file.mutableBytes[i] = new
          seal(file.mutableBytes, row: row, range: range, sections: sections.count)
          do throws(SwiftletError) {
            let model = try ModelVerifier.verify(bytes: file.bytes, name: "edge")
            #expect(ModelReach.sum(model) > 0)
            accepted += 1
          } catch { refused += 1 }
        }
        file.mutableBytes[i] = old
      }
      seal(file.mutableBytes, row: row, range: range, sections: sections.count)
    }
    #expect(accepted > 1000 && refused > 1000)
  }

  private func seal(
    _ bytes: UnsafeMutableRawBufferPointer, row: Int, range: Range<Int>, sections: Int
  ) {
    let all = UnsafeRawBufferPointer(bytes)
    bytes.storeBytes(
      of: Checksum.crc32c(UnsafeRawBufferPointer(rebasing: all[range])).littleEndian,
      toByteOffset: 64 + 24 * row + 4, as: UInt32.self)
    bytes.storeBytes(
      of: Checksum.header(all, sections: sections).littleEndian, toByteOffset: 12,
      as: UInt32.self)
  }
}
