import SwiftletCore

/// The profiles inside the program; a profile is parsed only when it is asked for.
public enum BoardProfiles {
  /// Why a profile fits a machine.
  public struct Match: Sendable {
    /// Name of the profile.
    public let name: String
    /// What in the device tree says so; empty where only the kind of CPU does.
    public let matched: String
    public let kind: Kind

    /// Where it was found.
    public enum Kind: UInt8, Sendable {
      case compatible, model, architecture
    }
  }

  /// Names of all profiles, sorted.
  public static var names: [String] {
    var names: [String] = []
    for i in 0..<CompiledProfiles.count { names.append("\(CompiledProfiles.profile(i).name)") }
    return names
  }

  /// The profile of that name; throws CFG010.
  public static func named(_ name: String) throws(SwiftletError) -> BoardProfile {
    for i in 0..<CompiledProfiles.count {
      let (known, text) = CompiledProfiles.profile(i)
      if bytes(known).elementsEqual(name.utf8) {
        return ProfileReader.read(Array(bytes(text)), file: name, needsSources: false).profile
      }
    }
    var list = "one of"
    for name in names { list += " " + name }
    throw SwiftletError(.boardUnknown, place: name, expected: Nearest.word(name, names) ?? list)
  }

  /// The profile for a machine.
  ///
  /// `compatible` is the device tree's list, NUL between its entries, the most specific first;
  /// `model` its text. A `compatible` entry goes first, then the longest beginning of the model,
  /// then `generic-arm64` or, where `isArm` is false, `host`.
  public static func matching(compatible: [UInt8], model: [UInt8], isArm: Bool = true) -> Match {
    for entry in compatible.split(separator: 0) {
      for i in 0..<CompiledProfiles.count {
        let (name, text) = CompiledProfiles.profile(i)
        for known in strings("compatible=[", bytes(text)) where known.elementsEqual(entry) {
          return Match(name: "\(name)", matched: decoded(entry), kind: .compatible)
        }
      }
    }
    var best = Match(name: isArm ? "generic-arm64" : "host", matched: "", kind: .architecture)
    for i in 0..<CompiledProfiles.count {
      let (name, text) = CompiledProfiles.profile(i)
      for known in strings("model=[", bytes(text))
      where model.starts(with: known) && known.count > best.matched.utf8.count {
        best = Match(name: "\(name)", matched: decoded(known), kind: .model)
      }
    }
    return best
  }

  /// The texts of a list in a compiled profile: `key=["a","b"]` on a line of its own.
  private static func strings(_ key: StaticString, _ text: UnsafeBufferPointer<UInt8>)
    -> [ArraySlice<UInt8>]
  {
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: bytes(key)) {
      var found: [ArraySlice<UInt8>] = []
      // Odd parts between quotes are the texts.
      let parts = Array(line).split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
      for i in parts.indices where i % 2 == 1 { found.append(parts[i]) }
      return found
    }
    return []
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static func bytes(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
