import CShims
import Swiftlet
import SwiftletCore

/// The device program: words in, exit code out. The C `main` of `swiftlet-device` calls it.
@c(swiftlet_main)
public func swiftletMain(
  _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  var list: [String] = []
  for i in 1..<max(1, Int(count)) {
    if let word = words[i] { list.append(String(cString: word)) }
  }
  return Program.main(list, host: nil)
}

/// What both programs do with their words.
public enum Program {
  /// Runs the commands that only the host has.
  public typealias HostCommands = (Arguments) throws(SwiftletError) -> Void

  /// Parses `words` (without the program's name), runs the command, tells errors; the exit code.
  public static func main(_ words: [String], host: HostCommands?) -> Int32 {
    shim_ignore_broken_pipe()
    do throws(SwiftletError) {
      switch try FlagParser.parse(words, hasHostCommands: host != nil) {
      case .version: try Console.result("swiftlet \(Help.version)\n")
      case .help(nil): try Console.result(Help.program(hasHostCommands: host != nil))
      case .help(let command?): try Console.result(Help.command(command))
      case .command(let arguments): try run(arguments, host)
      }
      return 0
    } catch {
      return Console.report(error, asJSON: wantsJSON(words))
    }
  }

  private static func run(_ arguments: Arguments, _ host: HostCommands?) throws(SwiftletError) {
    switch arguments.command {
    case .run: try runCommand(arguments)
    case .camera: try cameraCommand(arguments)
    case .bench where arguments.isOn(.pruneCurve): try onHost(arguments, .pruneCurve, host)
    case .bench: try benchCommand(arguments)
    case .calibrate where arguments.has(.images): try onHost(arguments, .images, host)
    case .calibrate: try calibrateCommand(arguments)
    case .inspect: try inspectCommand(arguments)
    case .verify: try verifyCommand(arguments)
    case .info: try infoCommand(arguments)
    case .doctor: try doctorCommand(arguments)
    case .selftest: try selftestCommand(arguments)
    case .quantize, .eval, .compare, .simulate: try host?(arguments)
    }
  }

  /// A flag that turns a command into one of the host's.
  private static func onHost(
    _ arguments: Arguments, _ flag: Flag, _ host: HostCommands?
  ) throws(SwiftletError) {
    guard let host else {
      throw SwiftletError(
        .badValue, place: flag.written, expected: "the program on a PC, which has it",
        found: "swiftlet-device")
    }
    try host(arguments)
  }

  /// Whether `--json` stands among the words: known even if they cannot be parsed.
  private static func wantsJSON(_ words: [String]) -> Bool {
    var wants = false
    for word in words {
      if isSame(word, "--") { break }
      if isSame(word, "--json") { wants = true }
      if isSame(word, "--no-json") { wants = false }
    }
    return wants
  }
}
