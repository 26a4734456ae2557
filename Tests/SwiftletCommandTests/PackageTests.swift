import Foundation
import Testing

/// The unit file and the Debian package.
struct PackageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let unit = root.appending(path: "packaging/swiftlet.service").path
  private static let deviceFile = root.appending(path: ".build-device/swiftlet-device").path

  /// Exit code, and stdout and stderr together.
  private static func run(_ words: [String], _ environment: [String: String] = [:]) throws -> (
    code: Int32, out: String
  ) {
    let folder = try Program.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let out = folder.appending(path: "out")
    try Data().write(to: out)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let handle = try FileHandle(forWritingTo: out)
    (process.standardOutput, process.standardError) = (handle, handle)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: out, encoding: .utf8))
  }

  private static func has(_ tool: String) -> Bool {
    for folder in ["/usr/bin", "/bin", "/usr/local/bin"]
    where FileManager.default.isExecutableFile(atPath: folder + "/" + tool) {
      return true
    }
    print("skipped: no \(tool); tools/install-deps tells what tests need")
    return false
  }

  @Test func unit_exposure_isAtMost2() throws {
    guard Self.has("systemd-analyze") else { return }
    let ended = try Self.run([
      "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", Self.unit,
    ])
    let line = try #require(
      ended.out.split(separator: "\n").last { $0.contains("Overall exposure level") })
    let words = line.split(separator: ":").last?.split(separator: " ") ?? []
    let exposure = try #require(words.first.flatMap { Double($0) }, "\(line)")
    #expect(exposure <= 2 && ended.code == 0, "\(line)")
    // The measure can fail: a unit without any protection is far beyond.
    let folder = try Program.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let bare = folder.appending(path: "bare.service")
    try Data("[Service]\nExecStart=/bin/true\n".utf8).write(to: bare)
    let other = try Self.run([
      "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", bare.path,
    ])
    #expect(other.code != 0)
  }

  @Test func unit_verify_isClean() throws {
    guard Self.has("systemd-analyze") else { return }
    let folder = try Program.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // The program is not installed where tests run.
    let text = try String(contentsOfFile: Self.unit, encoding: .utf8)
    let copy = folder.appending(path: "swiftlet.service")
    try Data(text.replacing("/usr/bin/swiftlet", with: "/bin/true").utf8).write(to: copy)
    let ended = try Self.run(["systemd-analyze", "verify", "--man=no", copy.path])
    let mine = ended.out.split(separator: "\n").filter { $0.contains("swiftlet") }
    #expect(mine.isEmpty, "\(ended.out)")
  }

  @Test func package_built_isReproducibleCompleteAndRuns() throws {
    guard FileManager.default.isExecutableFile(atPath: Self.deviceFile) else {
      print("skipped: no .build-device/swiftlet-device; tools/device makes it")
      return
    }
    for tool in ["dpkg-deb", "python3", "qemu-aarch64-static"] where !Self.has(tool) { return }
    let folder = try Program.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var packages: [URL] = []
    for name in ["first", "second"] {
      let into = folder.appending(path: name)
      let made = try Self.run(
        ["tools/package", into.path], ["SOURCE_DATE_EPOCH": "1700000000"])
      #expect(made.code == 0, "\(made.out)")
      let names = try FileManager.default.contentsOfDirectory(atPath: into.path)
      packages.append(into.appending(path: try #require(names.first { $0.hasSuffix(".deb") })))
    }
    #expect(try Data(contentsOf: packages[0]) == Data(contentsOf: packages[1]), "not reproducible")

    let list = try Self.run(["dpkg-deb", "-c", packages[0].path]).out
    for path in [
      "usr/bin/swiftlet", "lib/systemd/system/swiftlet.service", "etc/default/swiftlet",
      "lib/udev/rules.d/60-swiftlet.rules", "usr/lib/sysusers.d/swiftlet.conf",
      "usr/share/man/man1/swiftlet.1.gz", "usr/share/doc/swiftlet/copyright",
      "usr/share/doc/swiftlet/changelog.Debian.gz", "usr/share/zsh/vendor-completions/_swiftlet",
      "usr/share/bash-completion/completions/swiftlet", "boards/raspberry-pi-4b.toml",
      "usr/share/fish/vendor_completions.d/swiftlet.fish",
      "usr/share/swiftlet/models/efficientnet-lite0-4bit.swlt",
    ] {
      #expect(list.contains(path), "\(path) is missing")
    }

    let tree = folder.appending(path: "tree").path
    #expect(try Self.run(["dpkg-deb", "-x", packages[0].path, tree]).code == 0)
    let model = tree + "/usr/share/swiftlet/models/efficientnet-lite0-4bit.swlt"
    let ran = try Self.run([
      "qemu-aarch64-static", tree + "/usr/bin/swiftlet", "run", model,
      "models/photos/chelsea.jpg", "--top", "1",
    ])
    #expect(ran.code == 0 && ran.out.contains("cat"), "\(ran.out)")

    // Every flag of every command stands in the manual and in each completion.
    let manual = try Self.run(["gzip", "-dc", tree + "/usr/share/man/man1/swiftlet.1.gz"]).out
    let help = try Self.run([
      "qemu-aarch64-static", tree + "/usr/bin/swiftlet", "camera", "--help",
    ]).out
    var flags: [String] = []
    for line in help.split(separator: "\n") {
      if let match = line.firstMatch(of: /^  (?:-\w, |    )--(?:\[no-\])?([a-z-]+)/) {
        flags.append(String(match.1))
      }
    }
    #expect(flags.count > 15 && flags.contains("max-output"))
    for file in [
      "usr/share/bash-completion/completions/swiftlet",
      "usr/share/zsh/vendor-completions/_swiftlet",
      "usr/share/fish/vendor_completions.d/swiftlet.fish",
    ] {
      let text = try String(contentsOfFile: tree + "/" + file, encoding: .utf8)
      for flag in flags { #expect(text.contains(flag), "\(file): \(flag)") }
    }
    for flag in flags {
      #expect(manual.contains(flag.replacing("-", with: "\\-")), "manual: \(flag)")
    }

    guard Self.has("lintian") else { return }
    let lint = try Self.run([
      "lintian", "--allow-root", "--fail-on", "error,warning", packages[0].path,
    ])
    let tags = lint.out.split(separator: "\n").filter {
      $0.hasPrefix("E:") || $0.hasPrefix("W:")
    }
    #expect(lint.code == 0 && tags.isEmpty, "\(lint.out)")
  }
}
