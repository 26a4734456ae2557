import Foundation
import SwiftletWriter
import TestSupport
import Testing

/// What a program wrote and how it ended.
struct Ended {
  var code: Int32
  var isSignal: Bool
  var out: String
  var error: String

  /// The JSON object of the last line of stdout.
  var json: [String: Any] { Self.object(out) }
  /// The JSON object of the last line of stderr.
  var errorJSON: [String: Any] { Self.object(error) }

  private static func object(_ text: String) -> [String: Any] {
    guard let line = text.split(separator: "\n").last else { return [:] }
    return (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]) ?? [:]
  }
}

/// The built program, run as a process of its own.
enum Program {
  /// `swiftlet`, beside the test bundle.
  static var url: URL {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appending(path: "swiftlet")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    return URL(filePath: "swiftlet")
  }

  /// Runs it; `interruptAfter` seconds it gets SIGINT; `input` becomes its stdin.
  static func run(
    _ words: [String], environment: [String: String] = [:], input: Data? = nil,
    interruptAfter: Double? = nil
  ) throws -> Ended {
    let process = Process()
    process.executableURL = url
    process.arguments = words
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    // Files instead of pipes: nothing can fill up.
    let folder = try scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let out = folder.appending(path: "out")
    let error = folder.appending(path: "error")
    let source = folder.appending(path: "input")
    try (input ?? Data()).write(to: source)
    for file in [out, error] { try Data().write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: source)
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    if let interruptAfter {
      Thread.sleep(forTimeInterval: interruptAfter)
      process.interrupt()
    }
    process.waitUntilExit()
    return Ended(
      code: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal,
      out: try String(contentsOf: out, encoding: .utf8),
      error: try String(contentsOf: error, encoding: .utf8))
  }

  /// A folder of its own below the temporary one.
  static func scratchFolder() throws -> URL {
    let folder = URL(filePath: NSTemporaryDirectory())
      .appending(path: "swiftlet-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

/// A folder with a small model and photos, removed with the last reference.
final class Workshop {
  let folder: URL
  var model: String { file("everything.swlt") }
  var photo: String { file("grey.png") }

  init() throws {
    folder = try Program.scratchFolder()
    try Data(ModelWriter.write(TinyNetworks.everything())).write(to: URL(filePath: model))
    try Data(Self.greyPNG).write(to: URL(filePath: photo))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func file(_ name: String) -> String { folder.appending(path: name).path }

  /// `count` frames of Y4M, 32 x 24, each of one grey.
  static func y4m(frames count: Int) -> Data {
    var data = Data("YUV4MPEG2 W32 H24 F30:1 Ip A1:1 C420jpeg\n".utf8)
    for i in 0..<count {
      data += Data("FRAME\n".utf8)
      data += Data(repeating: UInt8(truncatingIfNeeded: 40 + 13 * i), count: 32 * 24)
      data += Data(repeating: 128, count: 32 * 24 / 2)
    }
    return data
  }

  /// A whole PNG of 8 x 8 grey pixels: stored deflate blocks, so that no library is needed.
  private static var greyPNG: [UInt8] {
    func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
      let named = Array(name.utf8) + body
      return big(UInt32(body.count)) + named + big(crc32(named))
    }
    var rows: [UInt8] = []
    for y in 0..<8 {
      rows.append(0)
      for x in 0..<8 { rows.append(UInt8(16 * x + 8 * y)) }
    }
    let length = UInt16(rows.count)
    let stored: [UInt8] =
      [0x78, 0x01, 0x01, UInt8(length & 255), UInt8(length >> 8)]
      + [UInt8(~length & 255), UInt8(~length >> 8)] + rows + big(adler32(rows))
    let header = big(8) + big(8) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + chunk("IDAT", stored) + chunk("IEND", [])
  }

  private static func big(_ n: UInt32) -> [UInt8] {
    [UInt8(n >> 24), UInt8(n >> 16 & 255), UInt8(n >> 8 & 255), UInt8(n & 255)]
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }
}
