import Foundation
import Testing

/// A program that is built with the tests.
func builtProgram(_ name: String) throws -> String {
  let folders = [
    Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
    Package.root.appending(path: ".build/release"), Package.root.appending(path: ".build/debug"),
  ]
  let paths = folders.map { $0.appending(path: name).path }
  return try #require(
    paths.first { FileManager.default.isExecutableFile(atPath: $0) }, "\(name) is not built")
}

/// Output of a program; nil if it cannot be run or ends with another code than 0.
func output(_ program: String, _ arguments: [String]) throws -> String? {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
}

@Test(arguments: ["cortex-a53", "cortex-a72", "cortex-a76"])
func device_pixels_equalTheHosts(_ cpu: String) throws {
  let device = Package.root.appending(path: ".build-device/vision-check").path
  let emulator = "/usr/bin/qemu-aarch64-static"
  guard FileManager.default.fileExists(atPath: device),
    FileManager.default.fileExists(atPath: emulator)
  else {
    print("skipped: no device file; tools/device vision-check makes it")
    return
  }
  var photos = ["baseline420.jpg", "progressive.jpg", "cmyk.jpg", "turned6.jpg", "alpha.png"].map {
    Package.fixtures.appending(path: $0).path
  }
  let large = Package.data.appending(path: "photos/demo")
  if let names = try? FileManager.default.contentsOfDirectory(atPath: large.path) {
    photos += names.sorted().filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".png") }.prefix(3)
      .map { large.appending(path: $0).path }
  }
  let program = try builtProgram("vision-check")
  let wanted = try #require(try output(program, photos))
  #expect(wanted.split(separator: "\n").count > 30)
  #expect(try output(emulator, ["-cpu", cpu, device] + photos) == wanted)
}
