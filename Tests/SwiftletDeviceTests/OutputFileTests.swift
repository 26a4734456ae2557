import Foundation
import SwiftletCore
import SwiftletDevice
import Testing

/// A ring of result lines on a disk that fails in every way.
struct OutputFileTests {
  private let folder: URL

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "swiftlet-output-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var path: String { folder.appending(path: "results.jsonl").path }

  /// A line of `count` bytes with its number in front.
  private func line(_ number: Int, bytes count: Int = 100) -> String {
    let start = "{\"seq\":\(number),\"fill\":\""
    return start + String(repeating: "x", count: max(0, count - start.utf8.count - 3)) + "\"}\n"
  }

  @discardableResult
  private func write(_ text: String, to file: inout OutputFile, at time: Int64 = 1) -> Bool {
    Array(text.utf8).withUnsafeBytes { file.write($0, now: time) }
  }

  /// Lines of the whole ring, oldest first; each has to be whole.
  private func numbers(_ place: SourceLocation = #_sourceLocation) throws -> [Int] {
    var all: [Int] = []
    for name in [path + ".3", path + ".2", path + ".1", path] {
      guard let text = try? String(contentsOfFile: name, encoding: .utf8) else { continue }
      #expect(text.isEmpty || text.hasSuffix("\n"), "half a line at the end", sourceLocation: place)
      for line in text.split(separator: "\n") {
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object != nil, "half a line: \(line)", sourceLocation: place)
        if let number = object?["seq"] as? Int { all.append(number) }
      }
    }
    return all
  }

  private func bytesOnDisk() throws -> Int {
    var sum = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let file = folder.appending(path: name).path
      sum += try #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    }
    return sum
  }

  @Test func ring_manyLines_staysBoundedAndKeepsTheNewest() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var file = OutputFile(path: path, most: OutputFile.leastBytes)
    try file.openFirst()
    for i in 0..<10_000 {
      #expect(write(line(i), to: &file))
      if i % 100 == 0 { #expect(try bytesOnDisk() <= OutputFile.leastBytes) }
    }
    #expect(try bytesOnDisk() <= OutputFile.leastBytes)
    let kept = try numbers()
    #expect(kept.last == 9_999 && kept == Array((10_000 - kept.count)..<10_000))
    #expect(kept.count > 3 * 655, "three full files and the newest are kept")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
  }

  @Test func ring_limit0_isOneFile() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var file = OutputFile(path: path, most: 0)
    for i in 0..<3000 { write(line(i), to: &file) }
    #expect(try numbers() == Array(0..<3000))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test func open_halfLineOfAnEarlierLife_isCutAway() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for rest in ["{\"seq\":7,\"fi", String(repeating: "y", count: 9000)] {
      try Data((line(0) + line(1) + rest).utf8).write(to: URL(filePath: path))
      var file = OutputFile(path: path, most: 0)
      try file.openFirst()
      write(line(2), to: &file)
      #expect(try numbers() == [0, 1, 2])
    }
    // A single line that was cut leaves nothing.
    try Data("{\"seq\":".utf8).write(to: URL(filePath: path))
    var file = OutputFile(path: path, most: 0)
    try file.openFirst()
    write(line(3), to: &file)
    #expect(try numbers() == [3])
  }

  @Test func open_anotherKindOfFile_isRefusedUntouched() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let photo = Data([0x89, 0x50, 0x4E, 0x47, 0x0A] + Array(repeating: 7, count: 9000))
    try photo.write(to: URL(filePath: path))
    let refused = OutputFileTests.error(path)
    #expect(refused?.code == .cannotWrite && refused?.found == "something else")
    #expect(try Data(contentsOf: URL(filePath: path)) == photo)
    #expect(OutputFileTests.error(folder.path)?.found == "EISDIR")
    #expect(OutputFileTests.error(folder.path + "/none/out")?.found == "ENOENT")
  }

  private static func error(_ path: String) -> SwiftletError? {
    do throws(SwiftletError) {
      var file = OutputFile(path: path, most: 0)
      try file.openFirst()
      return nil
    } catch {
      return error
    }
  }

  /// Counts calls and lets the n-th fail, and those after it up to `count`.
  private final class Fault {
    var calls = 0
    var happened = 0
    var first: Int
    let count: Int
    let error: Int32
    /// Whether a failing write takes half of its bytes first.
    let isShort: Bool

    init(first: Int, count: Int, error: Int32, isShort: Bool) {
      (self.first, self.count, self.error, self.isShort) = (first, count, error, isShort)
    }

    func isDue() -> Bool {
      calls += 1
      if calls < first || calls - first >= count { return false }
      happened += 1
      errno = error
      return true
    }

    var table: OutputCalls {
      var table = OutputCalls()
      let real = OutputCalls()
      table.open = { self.isDue() ? -1 : real.open($0, $1, $2) }
      table.write = { file, bytes, count in
        if !self.isDue() { return real.write(file, bytes, count) }
        // The rest of a short write meets the fault.
        if self.isShort && count > 1 { return real.write(file, bytes, count / 2) }
        errno = self.error
        return -1
      }
      table.truncate = { self.isDue() ? -1 : real.truncate($0, $1) }
      table.rename = { self.isDue() ? -1 : real.rename($0, $1) }
      table.close = { file in
        // Linux closes the descriptor whatever it says.
        let status = real.close(file)
        return self.isDue() ? -1 : status
      }
      return table
    }
  }

  @Test(arguments: [ENOSPC, EIO, EROFS])
  func calls_eachOneFailing_linesStayWholeAndTheRingRecovers(_ error: Int32) throws {
    var faults = 0
    for isShort in [false, true] {
      for count in [1, 2, 3, 7] {
        var n = 1
        while true {
          try? FileManager.default.removeItem(at: folder)
          try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
          let fault = Fault(first: n, count: count, error: error, isShort: isShort)
          var file = OutputFile(path: path, most: OutputFile.leastBytes, calls: fault.table)
          try file.openFirst()
          // Large lines: 40 of them go through several rotations.
          var accepted: [Int] = []
          for i in 0..<40 {
            // A second between lines, so that the back-off is over after a few.
            let time = Int64(i + 1) * 1_000_000_000
            if write(line(i, bytes: 12_000), to: &file, at: time) { accepted.append(i) }
          }
          fault.first = Int.max
          for i in 40..<43 {
            #expect(
              write(line(i, bytes: 100), to: &file, at: Int64(i) * 10_000_000_000),
              "it has to work again after the fault (call \(n))")
          }
          let kept = try numbers()
          let all = accepted + [40, 41, 42]
          #expect(kept.suffix(3) == [40, 41, 42])
          #expect(kept.count <= all.count && all.suffix(kept.count) == kept[...], "call \(n)")
          #expect(try bytesOnDisk() <= OutputFile.leastBytes, "call \(n)")
          faults += fault.happened
          if fault.happened < count { break }
          n += 1
        }
        #expect(n > 50, "too few calls were reached")
      }
    }
    #expect(faults > 1000)
    try? FileManager.default.removeItem(at: folder)
  }

  @Test func backOff_whileItLasts_noCallIsMade() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let fault = Fault(first: 1, count: Int.max / 2, error: ENOSPC, isShort: false)
    var file = OutputFile(path: path, most: 0, calls: fault.table)
    // An hour of 30 lines a second on a full disk.
    var written = 0
    for i in 0..<108_000 {
      if write(line(i), to: &file, at: 1 + Int64(i) * 33_333_333) { written += 1 }
    }
    #expect(written == 0 && file.fault == ENOSPC)
    #expect((700...730).contains(fault.calls), "every five seconds: \(fault.calls)")
    file.reopen()
    let before = fault.calls
    write(line(1), to: &file, at: 1)
    #expect(fault.calls > before, "a reload tries at once")
  }

  @Test func device_full_dropsAndTells() throws {
    var file = OutputFile(path: "/dev/full", most: 0)
    try file.openFirst()
    #expect(!write(line(1), to: &file) && file.fault == ENOSPC)
  }

  @Test func writer_stuckDisk_neverHoldsTheLoopUp() throws {
    // The write waits for the test: a disk that answers only when the loop is done.
    let gate = DispatchSemaphore(value: 0)
    var calls = OutputCalls()
    calls.write = { _, _, count in
      gate.wait()
      return count
    }
    let writer = OutputWriter(OutputFile(path: "/dev/null", most: 0, calls: calls))
    try writer.start()
    let text = Array(line(1, bytes: 1000).utf8)
    for _ in 0..<1000 { text.withUnsafeBytes { writer.put($0) } }
    // 256 KiB of lines wait, one may be at the disk; the rest was dropped.
    #expect(writer.written == 0 && (735...740).contains(writer.dropped), "\(writer.dropped)")
    #expect(!writer.finish(within: 1_000_000), "gives up when told")
    for _ in 0..<1000 { gate.signal() }
    #expect(writer.finish(within: 60_000_000_000))
    #expect(writer.written + writer.dropped == 1000)
  }

  @Test func writer_manyLines_allArriveInOrder() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let writer = OutputWriter(OutputFile(path: path, most: 0))
    try writer.start()
    // Around the end of the queue many times, in lines of all lengths.
    for i in 0..<20_000 {
      let text = Array(line(i, bytes: 30 + i % 977).utf8)
      text.withUnsafeBytes { writer.put($0) }
      // The queue holds more than 200 lines.
      while writer.written + writer.dropped + 200 < i { usleep(100) }
    }
    #expect(writer.finish(within: 60_000_000_000))
    #expect(writer.dropped == 0 && writer.written == 20_000)
    #expect(try numbers() == Array(0..<20_000))
  }
}
