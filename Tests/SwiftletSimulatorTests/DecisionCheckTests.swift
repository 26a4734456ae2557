import Foundation
import Testing

struct DecisionCheckTests {
  @Test func decisions_twentyThousand_allocateNothing() throws {
    let process = Process()
    process.executableURL = try program("DecisionCheck")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    print(text)
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains(" 0 allocations in 20000 decisions"), "\(text)")
  }

  /// The built program, beside the test bundle.
  private func program(_ name: String) throws -> URL {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appending(path: name)
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
  }
}
