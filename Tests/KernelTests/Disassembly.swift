/// A function as objdump prints it.
struct Disassembly {
  var name: String
  var addresses: [Int] = []
  /// Instructions, blanks made single.
  var lines: [String] = []

  /// The functions of a listing.
  static func functions(_ text: String) -> [Disassembly] {
    var functions: [Disassembly] = []
    for line in text.split(separator: "\n") {
      if line.hasSuffix(">:"), let open = line.firstIndex(of: "<") {
        functions.append(Disassembly(name: String(line[line.index(after: open)...].dropLast(2))))
        continue
      }
      guard !functions.isEmpty, let colon = line.firstIndex(of: ":"),
        let address = Int(line[..<colon].drop { $0 == " " }, radix: 16)
      else { continue }
      let words = line[line.index(after: colon)...].split { $0 == " " || $0 == "\t" }
      functions[functions.count - 1].addresses.append(address)
      functions[functions.count - 1].lines.append(words.joined(separator: " "))
    }
    return functions
  }

  /// Bodies of backward jumps that contain no other backward jump.
  func innermostLoops() -> [ArraySlice<String>] {
    var positions: [Int: Int] = [:]
    for (position, address) in addresses.enumerated() { positions[address] = position }
    var loops: [ClosedRange<Int>] = []
    for (position, line) in lines.enumerated() {
      guard let target = Self.jumpTarget(line), let start = positions[target], start <= position
      else { continue }
      loops.append(start...position)
    }
    return loops.filter { loop in
      !loops.contains {
        $0 != loop && loop.lowerBound <= $0.lowerBound && $0.upperBound <= loop.upperBound
      }
    }.map { lines[$0] }
  }

  private static func jumpTarget(_ line: String) -> Int? {
    let words = line.split(separator: " ")
    guard let name = words.first,
      "jb".contains(name.first!) || name.hasPrefix("cb") || name.hasPrefix("tb")
    else { return nil }
    for word in words.dropFirst() {
      let digits = word.hasPrefix("0x") ? word.dropFirst(2) : word
      if let target = Int(digits, radix: 16), word.hasPrefix("0x") || words.count > 2 {
        return target
      }
    }
    return nil
  }

  /// Reference counting and traps.
  static func isForbidden(_ line: String) -> Bool {
    line.contains("swift_retain") || line.contains("swift_release") || line.hasPrefix("ud2")
      || line.hasPrefix("brk")
  }

  static func isVectorStoreToStack(_ line: String) -> Bool {
    if line.contains("rsp") {
      // AT&T order: the register comes first in a store.
      let words = line.split(separator: " ")
      return words.count > 1 && words[0].hasPrefix("vmov") && words[1].hasPrefix("%")
    }
    let words = line.split(separator: " ")
    return line.contains("[sp") && words[0].hasPrefix("st") && words[1].hasPrefix("q")
  }
}
