import Foundation
import SwiftletWriter
import TestSupport

/// The package's folder, and the programs and files in it.
enum Package {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A photo of the package.
  static let photo = root.appending(path: "models/photos/chelsea.jpg").path

  /// Model files of the package; may be none.
  static let models: [String] = {
    let folder = root.appending(path: "models").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".swlt") }.sorted().map { folder + "/" + $0 }
  }()
}

/// What a program wrote and how it ended.
struct Ended {
  var code: Int32
  var out: String
  var error: String

  /// The members of the JSON object on the last line.
  var json: [String: Any] {
    guard let line = out.split(separator: "\n").last else { return [:] }
    return (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]) ?? [:]
  }
}

/// A program, maybe under an emulator.
struct Program: Sendable, CustomStringConvertible {
  /// The command line without the program's own words.
  var words: [String]
  /// What failures show.
  var description: String

  /// Runs it with `more` words; it ends within seconds.
  func run(_ more: [String]) throws -> Ended {
    let process = Process()
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst()) + more
    process.environment = [:]
    // Files instead of pipes: nothing can fill up.
    let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let out = folder.appending(path: "out"), error = folder.appending(path: "error")
    for file in [out, error] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: error)
    process.standardInput = nil
    try process.run()
    process.waitUntilExit()
    return Ended(
      code: process.terminationReason == .exit ? process.terminationStatus : -1,
      out: try String(contentsOf: out, encoding: .utf8),
      error: try String(contentsOf: error, encoding: .utf8))
  }

  /// `swiftlet`, built with the tests.
  static let host: Program = {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/" {
      let path = folder.appending(path: "swiftlet").path
      if FileManager.default.isExecutableFile(atPath: path) {
        return Program(words: [path], description: "host")
      }
      folder.deleteLastPathComponent()
    }
    return Program(words: ["swiftlet"], description: "host")
  }()

  /// The device file, as tools/device leaves it.
  static let deviceFile = Package.root.appending(path: ".build-device/swiftlet-device").path

  /// The device program on the cores of all boards; nil, and a printed line, without it.
  static let devices: [Program]? = {
    guard FileManager.default.isExecutableFile(atPath: deviceFile) else {
      print("skipped: no .build-device/swiftlet-device; tools/device makes it")
      return nil
    }
    guard let emulator = emulator("qemu-aarch64-static") else { return nil }
    return ["cortex-a53", "cortex-a72", "cortex-a76"].map {
      Program(words: [emulator, "-cpu", $0, deviceFile], description: $0)
    }
  }()

  /// The release build of the host program on older x86 cores; nil, and a printed line, without.
  static let olderHosts: [Program]? = {
    let path = Package.root.appending(path: ".build/release/swiftlet").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      print("skipped: no .build/release/swiftlet; swift build -c release makes it")
      return nil
    }
    guard let emulator = emulator("qemu-x86_64") else { return nil }
    return ["Nehalem", "Haswell"].map {
      Program(words: [emulator, "-cpu", $0, path], description: $0)
    }
  }()

  private static func emulator(_ name: String) -> String? {
    let path = "/usr/bin/" + name
    if FileManager.default.isExecutableFile(atPath: path) { return path }
    print("skipped: no \(name); tools/install-deps brings it")
    return nil
  }
}

/// A model file, by default one of every operator, removed with the last reference.
final class EveryOperator {
  let path: String

  init(_ network: QuantizedNetwork = TinyNetworks.everything()) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "every-\(UUID()).swlt").path
    try Data(ModelWriter.write(network)).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
