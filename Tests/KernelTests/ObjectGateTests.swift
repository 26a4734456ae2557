import Foundation
import Testing

/// What the compiler made of the kernels: read from the object files of this very build.
@Suite(.enabled(if: Objects.tool("nm") != nil && Objects.tool("objdump") != nil))
struct ObjectGateTests {
  // A debug build makes an object of each file, and with it weak helpers of the language; what
  // ships is a release build: `swift test -c release`.
  @Test(.enabled(if: Objects.areOfARelease), arguments: Objects.modules)
  func kernelObjects_weakCode_carriesTheModulesName(_ module: String) throws {
    // The linker keeps one of several weak functions of a name: code of AVX-512 could then serve
    // a caller that runs on any CPU.
    var functions = 0
    for object in try Objects.files(of: module) {
      for line in try Objects.run("nm", [object]).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 3, ["T", "t", "W"].contains(words[1]) else { continue }
        functions += 1
        if words[1] == "W" {
          #expect(words[2].contains(module), "\(words[2])")
        }
      }
    }
    #expect(functions > 20)
  }

  @Test(arguments: Objects.modules)
  func tiles_innermostLoops_holdTheirDotProductsAndDoNotSpill(_ module: String) throws {
    let rules = Objects.rules(module)
    var loops = 0
    for object in try Objects.files(of: module) {
      let text = try Objects.run("objdump", ["-d", "--no-show-raw-insn", object])
      for function in Disassembly.functions(text) where function.name.contains("4TileV3run") {
        // Unspecialised generic code exists beside the specialised, for nobody.
        guard function.name.hasSuffix("Tt3g5") else { continue }
        #expect(!function.lines.contains { Disassembly.isForbidden($0) }, "\(function.name)")
        for loop in function.innermostLoops() {
          guard loop.contains(where: { $0.hasPrefix(rules.dot) }) else { continue }
          loops += 1
          let spills = loop.filter { Disassembly.isVectorStoreToStack($0) }
          #expect(spills.count <= rules.spills, "\(function.name): \(spills)")
        }
      }
    }
    #expect(loops >= rules.loops)
  }
}

/// Kernel objects and the tools that read them.
enum Objects {
  #if arch(x86_64)
    static let modules = ["KernelsAVX2", "KernelsAVX512"]
  #else
    static let modules = ["KernelsNEON", "KernelsNEONDot"]
  #endif

  static var areOfARelease: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  /// The instruction of the tiles, the stores to the stack allowed in a loop, the loops expected.
  static func rules(_ module: String) -> (dot: String, spills: Int, loops: Int) {
    switch module {
    // 16 registers hold 8 sums, the weights and constants of two columns, and little more.
    case "KernelsAVX2": ("vpmaddubsw", 18, 20)
    case "KernelsAVX512": ("vpdpbusd", 0, 40)
    case "KernelsNEONDot": ("sdot", 0, 10)
    default: ("smlal", 0, 10)
    }
  }

  /// Beside the running test bundle.
  static func files(of module: String) throws -> [String] {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
      .appendingPathComponent(module + ".build")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return names.filter { $0.hasSuffix(".o") && !$0.hasSuffix(".swiftmodule.o") }
      .map { folder.appendingPathComponent($0).path }
  }

  /// Where LLVM's or the system's version of a tool is.
  static func tool(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init)
    for candidate in ["llvm-" + name, name] {
      for folder in folders
      where FileManager.default.isExecutableFile(atPath: folder + "/" + candidate) {
        return folder + "/" + candidate
      }
    }
    return nil
  }

  static func run(_ name: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool(name) ?? name)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
