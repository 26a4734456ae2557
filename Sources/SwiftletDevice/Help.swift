/// Help texts, made from the tables of `Command` and `Flag`.
public enum Help {
  /// The version of both programs.
  public static let version = "0.1.0"

  /// About the program.
  public static func program(hasHostCommands: Bool) -> String {
    var text = TextBuffer(capacity: 2048)
    text.append("swiftlet runs neural networks from 4- and 8-bit model files.\n\nExamples\n")
    if hasHostCommands {
      text.append("  swiftlet quantize net.onnx -o net.swlt --calibrate photos/\n")
    }
    text.append(
      """
        swiftlet run net.swlt photo.jpg
        swiftlet camera net.swlt -c pan:photo.jpg -t 10s
        swiftlet bench net.swlt

      Commands

      """)
    for command in Command.allCases where hasHostCommands || !command.isHostOnly {
      text.append("  ")
      text.append(column: command.row.name, 10)
      text.append(command.row.purpose)
      text.append("\n")
    }
    text.append(
      """

      swiftlet COMMAND --help explains a command and its flags; swiftlet -V prints the version.
      Results go to stdout, messages to stderr; --json makes both JSON. docs/errors.md lists errors.

      """)
    return text.string
  }

  /// About one command: purpose, synopsis, examples first, then flags with their defaults.
  public static func command(_ command: Command) -> String {
    let row = command.row
    var text = TextBuffer(capacity: 4096)
    text.append("\(row.purpose).\n\nUsage\n  swiftlet \(row.name)")
    if !row.synopsis.isEmpty { text.append(" \(row.synopsis)") }
    text.append(" [FLAGS]\n\nExamples\n")
    for example in row.examples {
      text.append("  \(example.line)\n      \(example.does)\n")
    }
    text.append("\nFlags\n")
    for flag in row.flags { describe(flag, in: &text) }
    if !row.notes.isEmpty { text.append("\n\(row.notes)\n") }
    return text.string
  }

  private static func describe(_ flag: Flag, in text: inout TextBuffer) {
    let row = flag.row
    var name = row.short == 0 ? "    " : "-\(String(decoding: [row.short], as: UTF8.self)), "
    if case .toggle = row.kind {
      name += "--[no-]\(row.long)"
    } else {
      name += flag.written
    }
    if row.kind.takesValue { name += " \(row.placeholder)" }
    text.append("  ")
    if name.utf8.count < 24 {
      text.append(column: name, 24)
    } else {
      text.append(name)
      text.append("\n")
      text.append(blanks: 26)
    }
    text.append(row.help)
    if !row.normally.isEmpty || !row.environment.isEmpty {
      text.append("\n")
      text.append(blanks: 26)
      text.append("(")
      if !row.normally.isEmpty { text.append("default: \(row.normally)") }
      if !row.environment.isEmpty {
        text.append(row.normally.isEmpty ? "or " : "; or ")
        text.append(row.environment)
      }
      text.append(")")
    }
    text.append("\n")
  }
}
