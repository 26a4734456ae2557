import Foundation
import SwiftletCore
import SwiftletDevice

/// The host program: the commands of a board and those that make and judge models.
@main enum Main {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    exit(Program.main(words, host: hostCommand))
  }

  private static func hostCommand(_ arguments: Arguments) throws(SwiftletError) {
    switch arguments.command {
    case .bench: try pruneCurveCommand(arguments)
    case .calibrate: try calibrateDialCommand(arguments)
    case .quantize: try quantizeCommand(arguments)
    case .eval: try evalCommand(arguments)
    case .compare: try compareCommand(arguments)
    case .simulate: try simulateCommand(arguments)
    default: break
    }
  }
}
