import Foundation
import SwiftletWriter
import TestSupport
import Testing

/// Tests that run as programs of their own: they replace malloc, or a trap in them is a finding.
struct ProgramTests {
  /// Long forms of tests.
  static let isFull = ProcessInfo.processInfo.environment["SWIFTLET_FULL"] != nil

  /// The built program, beside the test bundle.
  static func program(_ name: String) throws -> URL {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appending(path: name)
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
  }

  /// Runs it to its end; stdout and stderr go to a file, which cannot fill up.
  static func run(_ name: String, _ words: [String]) throws -> (code: Int32, lines: [Substring]) {
    let file = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).txt")
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = try program(name)
    process.arguments = words
    let out = try FileHandle(forWritingTo: file)
    process.standardOutput = out
    process.standardError = out
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: file, encoding: .utf8)
    // A signal is no exit code: made one that nobody expects.
    let code = process.terminationStatus
    return (process.terminationReason == .exit ? code : 1000 + code, text.split(separator: "\n"))
  }

  @Test(arguments: [UInt64(1), 2])
  func mutants_acceptedOnes_runOnEveryKernelSetWithTheSameBits(_ seed: UInt64) throws {
    let count = Self.isFull ? 50_000 : 1500
    let (code, lines) = try Self.run("MutantRun", ["\(seed)", "\(count)"])
    let differing = lines.filter { $0.hasPrefix("DIFFERS") }
    #expect(code == 0, "ended with \(code) at: \(lines.suffix(3))")
    #expect(differing.isEmpty, "\(differing.prefix(5))")
    print("mutants: \(lines.last ?? "")")
  }

  @Test func session_runsAndFramesAfterTheFirst_allocateNothing() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    let networks = TinyNetworks.all + [TinyNetworks.classifier(side: 32)]
    for (number, network) in networks.enumerated() {
      let file = folder.appending(path: "\(number).swlt")
      try Data(ModelWriter.write(network)).write(to: file)
      paths.append(file.path)
    }
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for file in try FileManager.default.contentsOfDirectory(
      at: root.appending(path: "models"), includingPropertiesForKeys: nil)
    where file.pathExtension == "swlt" { paths.append(file.path) }
    let (code, lines) = try Self.run("AllocationCheck", paths)
    #expect(code == 0, "\(lines)")
    let runs = lines.filter { $0.contains(" in 20 runs") }
    #expect(runs.count == 2 * paths.count, "one line for one and for two threads")
    #expect(runs.allSatisfy { $0.contains(": 0 allocations in 20 runs, 0 in 20 frames") })
    let passes = lines.filter { $0.contains(" first pass ") }
    #expect(passes.count >= 3, "the models and a tiny classifier")
    #expect(passes.allSatisfy { $0.contains(": 0 allocations in 20 frames") })
  }
}
