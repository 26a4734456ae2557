/// Every error of the product: one case, one row. Numbers are never reused.
public enum ErrorCode: Int, CaseIterable, Sendable {
  case unknownFlag = 1001
  case missingValue = 1002
  case badValue = 1003
  case missingArgument = 1004
  case unknownCommand = 1005
  case cannotOpen = 2001
  case cannotRead = 2002
  case cannotWrite = 2003
  case systemCall = 2004
  case unsupportedNodes = 4001
  case badNode = 4002
  case badOnnx = 4003
  case externalData = 4004
  case badGraphInput = 4005

  /// Three letters and three digits, for example MDL012.
  public var name: String { row.name }
  /// What happened, without place or values.
  public var summary: String { row.summary }
  /// What to do next.
  public var help: String { row.help }
  /// The exit code of a command that ends with this error (docs/errors.md).
  public var exitCode: Int32 { row.exit }

  private var row: (name: String, summary: String, help: String, exit: Int32) {
    switch self {
    case .unknownFlag: ("USE001", "unknown flag", "see --help of this command", 64)
    case .missingValue: ("USE002", "a flag lacks its value", "see --help of this command", 64)
    case .badValue: ("USE003", "a value cannot be used", "see --help of this command", 64)
    case .missingArgument: ("USE004", "an argument is missing", "see --help of this command", 64)
    case .unknownCommand: ("USE005", "unknown command", "swiftlet --help lists the commands", 64)
    case .cannotOpen:
      ("SYS001", "cannot open a file", "check that it exists and may be read", 66)
    case .cannotRead: ("SYS002", "cannot read a file", "check the disk and the file", 74)
    case .cannotWrite:
      ("SYS003", "cannot write a file", "check the folder, its rights and free space", 73)
    case .systemCall: ("SYS004", "a system call failed", "see the error name", 71)
    case .unsupportedNodes:
      (
        "OPS001", "the network holds operators that cannot be imported",
        "docs/onnx.md lists what is read; export the named nodes in another form", 65
      )
    case .badNode:
      (
        "OPS002", "a node contradicts itself or its inputs",
        "check the network with the tool that exported it", 65
      )
    case .badOnnx:
      ("OPS003", "not a usable ONNX file", "export the network again, opset 11 to 21", 65)
    case .externalData:
      (
        "OPS004", "weights lie outside the ONNX file",
        "save the network as one file, with its weights inside", 65
      )
    case .badGraphInput:
      ("OPS005", "an input does not fit the network", "give the input and shape it names", 65)
    }
  }
}
