import Foundation
import SwiftletCore
import Testing

/// Mapped files and whole-or-nothing writes.
@Suite struct FileTests {
  /// A folder of its own for each test, removed at its end.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "swiftlet-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func code(_ path: String) -> ErrorCode? {
    do throws(SwiftletError) {
      _ = try MappedFile(path: path)
      return nil
    } catch {
      #expect(error.place == path)
      return error.code
    }
  }

  private func write(_ bytes: [UInt8], _ path: String) -> ErrorCode? {
    do throws(SwiftletError) {
      let copy = AlignedBytes(bytes)
      try AtomicFile.write(copy.bytes, to: path)
      return nil
    } catch { return error.code }
  }

  @Test func mappedFile_ofWhatCannotBeMapped_saysWhy() throws {
    try withFolder { folder in
      #expect(code("\(folder)/none") == .cannotOpen)
      #expect(code(folder) == .notAFile)
      #expect(code("/dev/zero") == .notAFile)
      #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
      #expect(code("\(folder)/pipe") == .notAFile)
      _ = FileManager.default.createFile(atPath: "\(folder)/empty", contents: Data())
      #expect(code("\(folder)/empty") == .emptyFile)
      #expect(code("\(folder)/empty/more") == .cannotOpen)
    }
  }

  @Test func writtenFile_mapped_holdsItsBytesAndIsReadOnly() throws {
    try withFolder { folder in
      let path = "\(folder)/a.swlt"
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      #expect(write([1, 2, 3], path) == nil)
      #expect(write(bytes, path) == nil)
      let file = try MappedFile(path: path)
      file.advise(.willNeed, 5..<200_000)
      file.advise(.sequential, 300_000..<300_001)
      #expect(Array(file.bytes) == bytes)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o444)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.swlt"])
    }
  }

  @Test func write_whereItCannot_leavesNothingBehind() throws {
    try withFolder { folder in
      #expect(write([1], "\(folder)/none/a") == .cannotWrite)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/taken/in", withIntermediateDirectories: true)
      #expect(write([1], "\(folder)/taken") == .cannotWrite)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }
}
