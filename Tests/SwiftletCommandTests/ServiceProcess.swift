import Foundation
import SwiftletWriter
import TestSupport
import Testing

/// `swiftlet camera` as a service: signals, input and output while it runs.
final class ServiceProcess {
  private let process = Process()
  private let folder: URL
  private let input = Pipe()
  var outPath: String { folder.appending(path: "out").path }
  var errorPath: String { folder.appending(path: "error").path }

  /// Starts it with stdin open and silent. `stdout` nil goes to a file.
  init(_ words: [String], environment: [String: String] = [:], stdout: FileHandle? = nil) throws {
    folder = try Program.scratchFolder()
    for path in [outPath, errorPath] { try Data().write(to: URL(filePath: path)) }
    process.executableURL = Program.url
    process.arguments = words
    process.environment = environment
    process.standardInput = input
    process.standardOutput = try stdout ?? FileHandle(forWritingTo: URL(filePath: outPath))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errorPath))
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: folder)
  }

  var out: String { (try? String(contentsOfFile: outPath, encoding: .utf8)) ?? "" }
  var error: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
  var id: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func send(_ data: Data) { input.fileHandleForWriting.write(data) }
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for something to become true, a minute at most; whether it did.
  func wait(_ isTrue: () -> Bool) -> Bool {
    for _ in 0..<3000 {
      if isTrue() { return true }
      if !process.isRunning { return isTrue() }
      usleep(20_000)
    }
    return false
  }

  /// Sends SIGTERM; exit code (-1 for a signal) and seconds until the end.
  func end(by number: Int32 = SIGTERM) -> (code: Int32, time: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    signal(number)
    process.waitUntilExit()
    let time = clock.now - start
    let code = process.terminationReason == .exit ? process.terminationStatus : -1
    return (code, Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
  }
}

/// A datagram socket as systemd has it.
final class NotifySocket {
  private let descriptor: Int32
  /// What NOTIFY_SOCKET has to be.
  let name: String

  /// A path, or a name without a file that starts with "@".
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(status == 0)
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// The next message; waits a minute at most.
  func next() throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    try #require(count > 0, "no message came")
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// Messages up to the first one that `isLast` accepts, that one included.
  func messages(until isLast: (String) -> Bool) throws -> [String] {
    var all: [String] = []
    while true {
      let message = try next()
      all.append(message)
      if isLast(message) { return all }
      try #require(all.count < 10_000)
    }
  }
}
