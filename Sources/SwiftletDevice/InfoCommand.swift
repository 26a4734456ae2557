import Swiftlet
import SwiftletCore
import SwiftletKernels
import SwiftletPower

/// Every kernel set of this architecture and the CPU features it needs, best first.
private struct KnownSet {
  let name: String
  let needs: String

  static var all: [KnownSet] {
    #if arch(x86_64)
      [
        KnownSet(name: "avx512vnni", needs: "avx512f avx512bw avx512vl avx512dq avx512_vnni"),
        KnownSet(name: "avx2", needs: "avx2 fma"), KnownSet(name: "reference", needs: ""),
      ]
    #elseif arch(arm64)
      [
        KnownSet(name: "neondot", needs: "asimd asimddp"), KnownSet(name: "neon", needs: "asimd"),
        KnownSet(name: "reference", needs: ""),
      ]
    #else
      [KnownSet(name: "reference", needs: "")]
    #endif
  }

  /// The needed features that this CPU lacks.
  var lacks: String {
    var text = ""
    let features = Machine.cpuFeatures
    for part in needs.utf8.split(separator: UInt8(ascii: " ")) {
      let word = String(decoding: Array(part), as: UTF8.self)
      if !Machine.contains(features, word) { text += (text.isEmpty ? "" : " ") + word }
    }
    return text
  }
}

/// `swiftlet info`: the machine, the kernel sets and which of them is used and why.
func infoCommand(_ arguments: Arguments) throws(SwiftletError) {
  if let board = arguments.text(.board) { return try boardCommand(board, arguments) }
  let board = try BoardChoice.of(arguments)
  let chosen = "\(try KernelSets.named(arguments.text(.isa)).name)"
  let reason =
    switch arguments.origin(.isa).utf8.first {
    case UInt8(ascii: "f"): "--isa asks for it"
    case UInt8(ascii: "e"): "SWIFTLET_ISA asks for it"
    default: "the best of this CPU"
    }
  var available: [String] = []
  for set in KernelSets.available() { available.append("\(set.name)") }
  if arguments.isOn(.json) {
    try Console.result(infoJSON(arguments, board, chosen, reason, available))
  } else {
    try Console.result(infoText(arguments, board, chosen, reason, available))
  }
}

private func isAmong(_ names: [String], _ name: String) -> Bool {
  for other in names where isSame(other, name) { return true }
  return false
}

/// The state of one kernel set in words.
private func state(_ set: KnownSet, _ chosen: String, _ reason: String, _ available: [String])
  -> String
{
  if isSame(set.name, chosen) { return "used: " + reason }
  if isAmong(available, set.name) { return "available" }
  let lacks = set.lacks
  return lacks.isEmpty ? "not in this program" : "this CPU lacks " + lacks
}

private func infoText(
  _ arguments: Arguments, _ board: BoardChoice, _ chosen: String, _ reason: String,
  _ available: [String]
) -> TextBuffer {
  var text = TextBuffer(capacity: 1024)
  text.append("swiftlet   \(Help.version), \(Machine.architecture)\n")
  text.append("cpu        \(Machine.cpuName ?? "unknown")\n")
  text.append("cores      \(Machine.cpuCount)\n")
  text.append("board      \(board.profile.name): \(board.reason)\n")
  text.append("kernels\n")
  for set in KnownSet.all {
    text.append("  ")
    text.append(column: set.name, 12)
    text.append(state(set, chosen, reason, available))
    text.append("\n")
  }
  guard arguments.isOn(.effective) else { return text }
  text.append("settings\n")
  for flag in settings {
    text.append("  ")
    text.append(column: flag.row.long, 12)
    text.append(column: value(flag, arguments) ?? "automatic", 12)
    text.append(arguments.origin(flag))
    if isSame(arguments.origin(flag), "environment") { text.append(" \(flag.row.environment)") }
    text.append("\n")
  }
  return text
}

/// Settings with more than one origin.
private let settings: [Flag] = [.threads, .isa, .bits]

private func value(_ flag: Flag, _ arguments: Arguments) -> String? {
  if let text = arguments.text(flag) { return text }
  if let count = arguments.count(flag) { return "\(count)" }
  return flag == .threads ? flag.row.normally : nil
}

private func infoJSON(
  _ arguments: Arguments, _ board: BoardChoice, _ chosen: String, _ reason: String,
  _ available: [String]
) -> TextBuffer {
  var json = JSONWriter(schema: "swiftlet.info/1", capacity: 1024)
  json.member("version", Help.version)
  json.member("architecture", Machine.architecture)
  json.member("cpu", Machine.cpuName)
  json.member("cores", Machine.cpuCount)
  json.member("board", board.profile.name)
  json.member("board_reason", board.reason)
  json.member("isa", chosen)
  json.member("isa_reason", reason)
  json.beginArray("kernel_sets")
  for set in KnownSet.all {
    json.beginObject()
    json.member("name", set.name)
    json.member("available", isAmong(available, set.name))
    json.member("used", isSame(set.name, chosen))
    json.beginArray("lacks")
    for part in set.lacks.utf8.split(separator: UInt8(ascii: " ")) {
      json.element(String(decoding: Array(part), as: UTF8.self))
    }
    json.endArray()
    json.endObject()
  }
  json.endArray()
  if arguments.isOn(.effective) {
    json.beginObject("settings")
    for flag in settings {
      json.beginObject(flag.row.long)
      json.member("value", value(flag, arguments))
      json.member("origin", arguments.origin(flag))
      json.endObject()
    }
    json.endObject()
  }
  json.endLine()
  return json.text
}
