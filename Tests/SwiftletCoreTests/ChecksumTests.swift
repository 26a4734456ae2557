import SwiftletCore
import TestSupport
import Testing

/// CRC-32C against the check value of its definition and between its two forms.
@Suite struct ChecksumTests {
  @Test func crc32c_ofTheDigits_isThePublishedCheckValue() {
    // RFC 3720, appendix B.4, and the catalogue of parametrised CRCs: 0xE3069283.
    let digits = Array("123456789".utf8)
    #expect(digits.withUnsafeBytes { Checksum.crc32c($0) } == 0xE306_9283)
    #expect(digits.withUnsafeBytes { Checksum.crc32cByTable($0) } == 0xE306_9283)
  }

  @Test func crc32c_ofZerosAndOnes_isAsInTheStandard() {
    // RFC 3720, appendix B.4.
    let zeros = [UInt8](repeating: 0, count: 32)
    let ones = [UInt8](repeating: 0xFF, count: 32)
    #expect(zeros.withUnsafeBytes { Checksum.crc32c($0) } == 0x8A91_36AA)
    #expect(ones.withUnsafeBytes { Checksum.crc32c($0) } == 0x62A8_AB43)
  }

  @Test func crc32c_ofEveryLengthAndStart_isTheSameByInstructionAndTable() {
    var random = SplitMix64(seed: 5)
    let bytes = (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.withUnsafeBytes { all in
      for start in 0..<9 {
        for end in start..<bytes.count {
          let part = UnsafeRawBufferPointer(rebasing: all[start..<end])
          #expect(Checksum.crc32c(part) == Checksum.crc32cByTable(part))
        }
      }
    }
  }

  @Test func crc32c_continued_isThatOfTheWhole() {
    let bytes = (0..<100).map { UInt8($0) }
    bytes.withUnsafeBytes { all in
      for cut in 0...100 {
        let first = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: all[..<cut]))
        let both = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: all[cut...]), from: first)
        #expect(both == Checksum.crc32c(all))
      }
    }
  }
}
