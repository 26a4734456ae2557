import SwiftletCore
import SwiftletDevice
import Testing

struct HelpTests {
  @Test(arguments: Command.allCases)
  func help_everyCommand_documentsEachFlagAndDefault(_ command: Command) {
    let text = Help.command(command)
    let row = command.row
    #expect(text.hasPrefix(row.purpose))
    #expect(!row.examples.isEmpty)
    for example in row.examples { #expect(text.contains(example.line)) }
    for flag in row.flags {
      let written =
        if case .toggle = flag.row.kind { "--[no-]" + flag.row.long } else { flag.written }
      #expect(text.contains(written), "\(flag)")
      #expect(text.contains(flag.row.help), "\(flag)")
      if !flag.row.normally.isEmpty { #expect(text.contains(flag.row.normally), "\(flag)") }
      #expect(flag.row.kind.takesValue == !flag.row.placeholder.isEmpty, "\(flag)")
    }
    #expect(row.flags.contains(.help))
    for line in text.split(separator: "\n") {
      #expect(line.count <= 125, "a line too long for a terminal: \(line)")
    }
  }

  @Test func help_program_listsItsCommandsOnly() {
    let host = Help.program(hasHostCommands: true)
    let device = Help.program(hasHostCommands: false)
    for command in Command.allCases {
      #expect(host.contains("  \(command.row.name) "))
      #expect(device.contains("  \(command.row.name) ") == !command.isHostOnly)
    }
  }

  @Test func flags_everyOne_belongsToACommandAndIsUnique() {
    let used = Set(Command.allCases.flatMap(\.row.flags))
    #expect(used.union([.version]) == Set(Flag.allCases))
    #expect(Set(Flag.allCases.map(\.row.long)).count == Flag.allCases.count)
    let letters = Flag.allCases.map(\.row.short).filter { $0 != 0 }
    #expect(Set(letters).count == letters.count, "a letter means the same everywhere")
    let wanted: [(Flag, Character)] = [
      (.model, "m"), (.camera, "c"), (.output, "o"), (.frames, "n"), (.time, "t"), (.threads, "j"),
      (.quiet, "q"), (.verbose, "v"), (.help, "h"), (.version, "V"),
    ]
    for (flag, letter) in wanted { #expect(flag.row.short == letter.asciiValue) }
  }

  @Test(arguments: Command.allCases)
  func examples_everyOne_parse(_ command: Command) throws {
    for example in command.row.examples {
      // What stands before a pipe is another program's.
      let line = example.line.split(separator: "|").last ?? ""
      let words = line.split(separator: " ").map(String.init)
      #expect(words.first == "swiftlet")
      guard
        case .command(let arguments) = try FlagParser.parse(
          Array(words.dropFirst()), hasHostCommands: true, environment: { _ in nil })
      else {
        Issue.record("\(line)")
        return
      }
      #expect(arguments.command == command)
    }
  }
}
