import Foundation
import SwiftletPower
import Testing

/// The scanner against Python's own TOML parser.
struct TOMLOracleTests {
  /// Prints a line for each value, lists element by element, numbers as the bits of a double.
  private static let script = """
    import struct, sys, tomllib
    def show(path, v):
        if isinstance(v, dict):
            for k, x in v.items(): show(path + '/' + k, x)
        elif isinstance(v, list) and v and isinstance(v[0], dict):
            for i, x in enumerate(v): show(path + '/' + str(i), x)
        elif isinstance(v, list):
            print(path, 'list', len(v))
            for i, x in enumerate(v): show(path + '/' + str(i), x)
        elif isinstance(v, bool): print(path, 'boolean', int(v))
        elif isinstance(v, int): print(path, 'integer', struct.pack('>d', v).hex())
        elif isinstance(v, float): print(path, 'float', struct.pack('>d', v).hex())
        else: print(path, 'text', v.encode().hex())
    with open(sys.argv[1], 'rb') as f: show('', tomllib.load(f))
    """

  private func shown(_ bytes: [UInt8]) throws -> [String] {
    var lines: [String] = []
    var prefix = ""
    var counts: [String: Int] = [:]
    func show(_ path: String, _ value: TOMLValue) {
      let bits = String(value.number.bitPattern, radix: 16)
      let padded = String(repeating: "0", count: 16 - bits.count) + bits
      switch value.kind {
      case .text:
        lines.append(
          "\(path) text " + value.text.utf8.map { String(format: "%02x", $0) }.joined())
      case .integer: lines.append("\(path) integer \(padded)")
      case .float: lines.append("\(path) float \(padded)")
      case .boolean: lines.append("\(path) boolean \(Int(value.number))")
      case .list:
        lines.append("\(path) list \(value.items.count)")
        for (i, item) in value.items.enumerated() { show("\(path)/\(i)", item) }
      }
    }
    var scanner = TOMLScanner(bytes)
    while let statement = scanner.next() {
      switch statement {
      case .table(let name, let isList):
        let parts = name.split(separator: ".").map(String.init)
        if isList { counts[name, default: 0] += 1 }
        prefix = "/" + parts[0]
        if let count = counts[parts[0]] { prefix += "/\(count - 1)" }
        if parts.count > 1 { prefix += "/" + parts[1] }
      case .pair(let key, let value): show(prefix + "/" + key, value)
      case .fault(let expected, let found):
        Issue.record("line \(scanner.line): \(expected), \(found)")
      }
    }
    return lines.sorted()
  }

  private func python(_ file: URL) throws -> (status: Int32, lines: [String])? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    return (process.terminationStatus, text.split(separator: "\n").map(String.init).sorted())
  }

  private var hasPython: Bool {
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appending(path: "swiftlet-\(ProcessInfo.processInfo.processIdentifier).toml")
    defer { try? FileManager.default.removeItem(at: file) }
    guard (try? Data("a = 1\n".utf8).write(to: file)) != nil,
      let ended = try? python(file), ended.status == 0
    else {
      print("TOMLOracleTests: skipped: no python3 with tomllib (3.11 or later)")
      return false
    }
    return true
  }

  @Test func profiles_everyValue_isAsPythonReadsIt() throws {
    guard hasPython else { return }
    for (name, bytes) in try boardFiles() {
      let file = package.appending(path: "boards/\(name).toml")
      let wanted = try #require(try python(file)).lines
      #expect(wanted.count > 10)
      #expect(try shown(bytes) == wanted, "\(name)")
    }
  }

  @Test func values_unusualOnes_areAsPythonReadsThem() throws {
    guard hasPython else { return }
    let text = """
      a = -0.0
      b = +1_000.5e-3
      c = 123456789012345
      d = 0.1e22
      e = [true, false,]
      f = "tab\\t quote \\" back \\\\ é"
      g = 'raw \\t'
      h = [] # none
      i = [ 1, # one
        2.5
        , 3 ]
      [t]\t# comment
      j=1e-22
      k = 999999999999999e7
      [ t2 . source ]
      x-y = -17
      [[l]]
      a = 4.35
      [l.source]
      a = "x"
      [[l]]
      a = 0.3\r
      b = 8.41e-9
      """
    let file = FileManager.default.temporaryDirectory.appending(
      path: "swiftlet-values-\(ProcessInfo.processInfo.processIdentifier).toml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    let ended = try #require(try python(file))
    #expect(ended.status == 0)
    #expect(try shown(Array(text.utf8)) == ended.lines)
  }

  @Test func generator_check_saysItIsCurrent() throws {
    guard hasPython else { return }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", package.appending(path: "tools/profiles").path, "--check"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
