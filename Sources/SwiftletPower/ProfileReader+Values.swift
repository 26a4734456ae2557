import SwiftletCore

/// Checks of values and where they go.
extension ProfileReader {
  /// Whether the value fits its row; tells what is wrong with it.
  mutating func isUsable(_ row: ProfileKeyRow, _ value: TOMLValue) -> Bool {
    switch row.kind {
    case UInt8(ascii: "t"), UInt8(ascii: "w"):
      guard value.kind == .text else { return wrongKind(row, "text in quotes") }
      if row.kind == UInt8(ascii: "w") { return isWord(row, value) }
      if value.text.utf8.count > 0 { return true }
      tell(.settingsValue, row.path, "some text", "none")
      return false
    case UInt8(ascii: "l"), UInt8(ascii: "k"):
      let isGood = value.kind == .list && (value.items.first?.kind ?? .text) == .text
      guard isGood else { return wrongKind(row, "a list of texts") }
      if row.kind == UInt8(ascii: "k") {
        for item in value.items where !isWord(row, item) { return false }
      }
      return true
    case UInt8(ascii: "c"):
      guard value.kind == .integer else { return wrongKind(row, "a whole number") }
      return isInRange(row, value)
    case UInt8(ascii: "n"):
      guard Self.isNumber(value) else { return wrongKind(row, "a number") }
      return isInRange(row, value)
    default:
      let isGood = value.kind == .list && (value.items.first.map(Self.isNumber) ?? true)
      guard isGood else { return wrongKind(row, "a list of numbers") }
      if value.items.count == 0 || value.items.count > 64 {
        tell(.settingsValue, row.path, "1 to 64 numbers", Self.text(Double(value.items.count)))
        return false
      }
      var last = -Double.infinity
      for item in value.items {
        guard isInRange(row, item) else { return false }
        if row.kind == UInt8(ascii: "r"), item.number <= last {
          tell(.settingsConflict, row.path, "rising numbers", Self.text(item.number))
          return false
        }
        last = item.number
      }
      return true
    }
  }

  private static func isNumber(_ value: TOMLValue) -> Bool {
    value.kind == .integer || value.kind == .float
  }

  private mutating func wrongKind(_ row: ProfileKeyRow, _ expected: String) -> Bool {
    tell(.settingsKind, row.path, expected, "another kind")
    return false
  }

  private mutating func isWord(_ row: ProfileKeyRow, _ value: TOMLValue) -> Bool {
    if contains(row.words, value.text) { return true }
    var list = "one of"
    for word in row.words { list += " " + word }
    tell(.settingsValue, row.path, list, value.text)
    return false
  }

  private mutating func isInRange(_ row: ProfileKeyRow, _ value: TOMLValue) -> Bool {
    if value.number >= row.low && value.number <= row.high { return true }
    tell(
      .settingsValue, row.path, Self.text(row.low) + " to " + Self.text(row.high),
      Self.text(value.number))
    return false
  }

  /// A number for a message: whole, or with up to three decimals; large and tiny ones as powers.
  static func text(_ number: Double) -> String {
    if number.magnitude >= 1e15 { return "too much" }
    var power = 0
    var rest = number
    while rest.magnitude >= 1e6 {
      rest /= 10
      power += 1
    }
    while rest != 0 && rest.magnitude < 1e-3 {
      rest *= 10
      power -= 1
    }
    let thousandths = Int((rest.magnitude * 1000).rounded())
    var text = (number < 0 ? "-" : "") + "\(thousandths / 1000)"
    var part = thousandths % 1000
    if part > 0 {
      text += "."
      var digit = 100
      while part > 0 {
        text += "\(part / digit)"
        part %= digit
        digit /= 10
      }
    }
    return power == 0 ? text : text + "e\(power)"
  }

  /// Puts a usable value where it belongs.
  mutating func store(_ key: ProfileKey, _ value: TOMLValue, _ row: ProfileKeyRow) {
    let number = value.number
    var texts: [String] = []
    var numbers: [Double] = []
    for item in value.items {
      texts.append(item.text)
      numbers.append(item.number)
    }
    let cluster = result.profile.clusters.count - 1
    let mode = result.profile.modes.count - 1
    switch key {
    case .name: result.profile.name = value.text
    case .title: result.profile.title = value.text
    case .processor: result.profile.processor = value.text
    case .unknown: result.profile.unknown = texts
    case .throttleSource:
      result.profile.throttleSource =
        ThrottleSource(rawValue: Self.place(value.text, row.words)) ?? .none
    case .knobs:
      for text in texts {
        result.profile.knobs.insert(Knobs(rawValue: 1 << Self.place(text, row.words)))
      }
    case .compatible: result.profile.compatible = texts
    case .models: result.profile.models = texts
    case .core: result.profile.clusters[cluster].core = value.text
    case .count: result.profile.clusters[cluster].count = Int(number)
    case .firstCPU: result.profile.clusters[cluster].firstCPU = Int(number)
    case .features: result.profile.clusters[cluster].features = texts
    case .level1: result.profile.clusters[cluster].level1 = Int(number)
    case .level2: result.profile.clusters[cluster].level2 = Int(number)
    case .level3: result.profile.clusters[cluster].level3 = Int(number)
    case .clocks:
      for clock in numbers {
        result.profile.clusters[cluster].steps.append(ClockStep(megahertz: clock, volts: 1))
      }
    case .volts: volts = numbers
    case .bandwidth: result.profile.memoryBandwidth = number
    case .base: result.profile.power.base = number
    case .integerActivity: result.profile.power.integerActivity = number
    case .simdActivity: result.profile.power.simdActivity = number
    case .leak: result.profile.power.leak = number
    case .leakFold: result.profile.power.leakFold = number
    case .joulesPerByte: result.profile.power.joulesPerByte = number
    case .spread: result.profile.power.spread = number
    case .idleClock: result.profile.power.idlePerGigahertz = number
    case .dieResistance: result.profile.thermal.dieResistance = number
    case .boardResistance: result.profile.thermal.boardResistance = number
    case .dieSeconds: result.profile.thermal.dieSeconds = number
    case .boardSeconds: result.profile.thermal.boardSeconds = number
    case .ambient: result.profile.thermal.ambient = number
    case .limit: result.profile.thermal.limit = number
    case .throttle: result.profile.thermal.throttle = number
    case .softLimit: result.profile.thermal.softLimit = number
    case .softClock: result.profile.thermal.softClock = number
    case .throttleClocks: result.profile.thermal.throttleClocks = numbers
    case .fanCelsius:
      for celsius in numbers {
        result.profile.thermal.fan.append(FanStep(celsius: celsius, share: 0))
      }
    case .fanShare: fanShares = numbers
    case .driver: driver = value.text
    case .total: channels[0] = texts
    case .part: channels[1] = texts
    case .ignored: channels[2] = texts
    case .gpuName: result.profile.gpu.name = value.text
    case .devfreq: result.profile.gpu.devfreq = texts
    case .gpuClocks: result.profile.gpu.clocks = numbers
    case .gpuPower: result.profile.gpu.perGigahertz = number
    case .cameraWatts: result.profile.cameraWatts = number
    case .cameraHint: result.profile.cameraHint = value.text
    case .gpioChip: result.profile.gpioChip = value.text
    case .wakeLines: result.profile.wakeLines = texts
    case .modeName: result.profile.modes[mode].name = value.text
    case .modeCores: result.profile.modes[mode].cores = Int(number)
    case .modeClock: result.profile.modes[mode].clock = number
    case .modeGPU: result.profile.modes[mode].gpuClock = number
    }
  }

  private static func place(_ word: String, _ words: [String]) -> UInt8 {
    for i in words.indices where same(words[i], word) { return UInt8(i) }
    return 0
  }

  /// Notes a problem of the line that is read now.
  mutating func tell(_ code: ErrorCode, _ key: String, _ expected: String, _ found: String) {
    if result.problems.count == 50 { return }
    var place = file + ":\(line)"
    if key.utf8.count > 0 { place += ": " + key }
    result.problems.append(SwiftletError(code, place: place, expected: expected, found: found))
  }
}

/// Compares bytes: string equality would link Unicode tables for nothing.
func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

func contains(_ list: [String], _ word: String) -> Bool {
  for other in list where same(other, word) { return true }
  return false
}
