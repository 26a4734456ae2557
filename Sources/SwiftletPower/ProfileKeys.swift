/// Keys of a board profile, in the order of the table below.
public enum ProfileKey: UInt8, CaseIterable, Sendable {
  case name, title, processor, unknown, throttleSource, knobs
  case compatible, models
  case core, count, firstCPU, features, level1, level2, level3, clocks, volts
  case bandwidth
  case base, integerActivity, simdActivity, leak, leakFold, joulesPerByte, spread, idleClock
  case dieResistance, boardResistance, dieSeconds, boardSeconds, ambient, limit, throttle
  case softLimit, softClock, throttleClocks, fanCelsius, fanShare
  case driver, total, part, ignored
  case gpuName, devfreq, gpuClocks, gpuPower
  case cameraWatts, cameraHint
  case gpioChip, wakeLines
  case modeName, modeCores, modeClock, modeGPU
}

/// What a key of a board profile may be given.
public struct ProfileKeyRow: Sendable {
  /// `table.key`, or the key alone at the top of the file.
  public let path: String
  /// The table; empty at the top.
  public let table: String
  /// The key without its table.
  public let key: String
  /// t: text, l: list of texts, w: one of `words`, k: list of those; n: number, c: whole number,
  /// r: list of numbers that rise, v: list of numbers.
  public let kind: UInt8
  /// !: required, ?: required if its table is there, -: may be left out.
  public let need: UInt8
  /// Range of a number, or of each number in a list.
  public let low: Double
  public let high: Double
  /// The words of kinds w and k.
  public let words: [String]

  /// Whether it must have a source: all that is a fact of the board and no name of ours.
  public var needsSource: Bool {
    !table.isEmpty && kind != UInt8(ascii: "t")
      || path.utf8.elementsEqual("gpio.chip".utf8)
  }

  /// All rows, at the place of their key's raw value.
  public static func all() -> [ProfileKeyRow] {
    let bytes = UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount)
    var rows: [ProfileKeyRow] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) { rows.append(ProfileKeyRow(line)) }
    return rows
  }

  private init(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
    var parts: [String] = []
    for part in line.split(separator: UInt8(ascii: " ")) {
      parts.append(String(decoding: part, as: UTF8.self))
    }
    path = parts[0]
    let names = Array(parts[0].utf8)
    if let dot = names.firstIndex(of: UInt8(ascii: ".")) {
      table = String(decoding: names[..<dot], as: UTF8.self)
      key = String(decoding: names[(dot + 1)...], as: UTF8.self)
    } else {
      table = ""
      key = parts[0]
    }
    kind = parts[1].utf8.first!
    need = parts[2].utf8.first!
    var range = (0.0, 0.0)
    var words: [String] = []
    if kind == UInt8(ascii: "w") || kind == UInt8(ascii: "k") {
      words = Array(parts[3...])
    } else if parts.count == 5 {
      range = (Self.number(parts[3]), Self.number(parts[4]))
    }
    (low, high) = range
    self.words = words
  }

  private static func number(_ text: String) -> Double {
    var scanner = TOMLScanner(Array("n=".utf8) + Array(text.utf8))
    guard case .pair(_, let value)? = scanner.next() else { return 0 }
    return value.number
  }

  /// Path, kind, need, then range or words.
  private static let table: StaticString = """
    name t !
    title t !
    processor t -
    unknown l -
    throttle_source w - none raspberry-pi cooling-devices
    knobs k - clock gpu hotplug
    match.compatible l ?
    match.model l -
    cluster.core t !
    cluster.count c ! 1 256
    cluster.first_cpu c - 0 1023
    cluster.features l -
    cluster.level1_bytes n - 4096 1e8
    cluster.level2_bytes n - 0 1e9
    cluster.level3_bytes n - 0 1e9
    cluster.mhz r ! 10 10000
    cluster.volts v ! 0.3 2
    memory.bytes_per_s n ! 1e8 1e12
    power.base_w n ! 0.05 500
    power.integer_activity n ! 0.01 20
    power.simd_activity n ! 0.01 20
    power.leak_w n - 0 50
    power.leak_fold_k n - 5 200
    power.joules_per_byte n - 0 1e-8
    power.spread n - 0 2
    power.idle_w_per_ghz n - 0 20
    thermal.die_k_per_w n ! 0.01 100
    thermal.board_k_per_w n ! 0.01 100
    thermal.die_s n ! 0.1 1000
    thermal.board_s n ! 1 20000
    thermal.ambient_c n - -40 70
    thermal.limit_c n ! 40 125
    thermal.throttle_c n ! 40 125
    thermal.soft_c n - 40 125
    thermal.soft_mhz n - 10 10000
    thermal.throttle_mhz v - 10 10000
    thermal.fan_c r - 0 125
    thermal.fan_ratio v - 0 1
    sensor.driver w ? ina3221 ina3221x ina2xx pmic
    sensor.total l -
    sensor.part l -
    sensor.ignored l -
    gpu.name t ?
    gpu.devfreq l -
    gpu.mhz r - 10 10000
    gpu.w_per_ghz n - 0 100
    camera.w n ! 0 20
    camera.hint t -
    gpio.chip t ?
    gpio.wake l -
    mode.name t ?
    mode.cores c ? 1 256
    mode.mhz n ? 10 10000
    mode.gpu_mhz n - 10 10000
    """
}
