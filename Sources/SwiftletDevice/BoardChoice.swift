import SwiftletCore
import SwiftletPower

/// Which board this is, and what its profile says.
public struct BoardChoice {
  /// The facts.
  public let profile: BoardProfile
  /// In words: the flag, or what of the device tree matched.
  public let reason: String
  /// Whether nothing better than the kind of CPU was found.
  public let isGuess: Bool

  /// The board of `--board`, else the one that the machine is.
  public static func of(_ arguments: Arguments) throws(SwiftletError) -> BoardChoice {
    if let name = arguments.text(.board) {
      return BoardChoice(
        profile: try read(name, asJSON: arguments.isOn(.json)).profile,
        reason: "--board asks for it", isGuess: false)
    }
    return try detected(MachineTree(root: "", refused: []))
  }

  /// The board by the device tree.
  static func detected(_ tree: MachineTree) throws(SwiftletError) -> BoardChoice {
    let compatible = tree.bytes("/proc/device-tree/compatible")
    let model = tree.bytes("/proc/device-tree/model")
    #if arch(arm64)
      let isArm = true
    #else
      let isArm = compatible != nil
    #endif
    let match = BoardProfiles.matching(
      compatible: compatible ?? [], model: model ?? [], isArm: isArm)
    let reason: String
    switch match.kind {
    case .compatible: reason = "the device tree is compatible with " + match.matched
    case .model: reason = "the device tree's model begins with " + match.matched
    case .architecture where isArm:
      reason = "no profile knows this board; docs/boards.md shows how to write one"
    case .architecture: reason = "no device tree, as on a PC"
    }
    return BoardChoice(
      profile: try BoardProfiles.named(match.name), reason: reason,
      isGuess: isArm && match.kind == .architecture)
  }

  /// A profile by its name or from a file: what has a slash or ends with .toml is a file.
  ///
  /// Tells all that is wrong on stderr except for one problem, which it throws.
  static func read(_ name: String, asJSON: Bool) throws(SwiftletError) -> ProfileReader.Result {
    var isFile = false
    for byte in name.utf8 where byte == UInt8(ascii: "/") { isFile = true }
    if !isFile, !name.utf8.suffix(5).elementsEqual(".toml".utf8) {
      var result = ProfileReader.Result()
      result.profile = try BoardProfiles.named(name)
      return result
    }
    let file = try MappedFile(path: name)
    // One byte more than the limit is enough to be refused.
    let bytes = Array(file.bytes.prefix(ProfileReader.limit + 1))
    let result = ProfileReader.read(bytes, file: name)
    guard let last = result.problems.last else { return result }
    for problem in result.problems.dropLast() { _ = Console.report(problem, asJSON: asJSON) }
    throw last
  }
}
