import SwiftletCore

/// Reads a board profile and finds all that is wrong with it.
///
/// The file is TOML (`TOMLScanner`). Below a table stands its `[table.source]`: for each figure,
/// or for `all`, where it comes from. Kinds of sources: `measured`, `published`, `known`,
/// `derived`, `assumption`, each followed by a colon.
public struct ProfileReader {
  /// Largest file that is read.
  public static var limit: Int { 65536 }

  /// What a reading gives.
  public struct Result {
    /// As much of the profile as could be read; whole if there are no problems.
    public var profile = BoardProfile()
    /// Everything that is wrong, in the order of lines; at most 50.
    public var problems: [SwiftletError] = []
    /// Figures that rest on an assumption, as `table.key`.
    public var assumed: [String] = []

    public init() {}
  }

  /// Reads a file's bytes. `file` names it in messages; `needsSources` is false for the profiles
  /// inside the program, whose sources stay in the repository.
  public static func read(_ bytes: [UInt8], file: String, needsSources: Bool = true) -> Result {
    var reader = ProfileReader(file, needsSources)
    reader.readAll(bytes)
    return reader.result
  }

  /// The profile of a file's bytes; throws the first problem.
  public static func profile(_ bytes: [UInt8], file: String) throws(SwiftletError) -> BoardProfile {
    let result = read(bytes, file: file)
    if let problem = result.problems.first { throw problem }
    return result.profile
  }

  let file: String
  let needsSources: Bool
  let rows = ProfileKeyRow.all()
  var result = Result()
  var line = 0
  /// The table that lines belong to now; nil in a table that is not known.
  private var table: String? = ""
  private var isSource = false
  /// Sets of keys, by raw value: given in this table, with source, assumed; given anywhere.
  private var given: UInt64 = 0
  private var sourced: UInt64 = 0
  private var assumed: UInt64 = 0
  /// What `all` says of figures that have no source of their own.
  private enum Rest {
    case none, sourced, assumed
  }
  private var rest = Rest.none
  private var opened: [String] = []
  // What waits for the end of its table.
  var volts: [Double] = []
  var fanShares: [Double] = []
  var channels: [[String]] = [[], [], []]
  var driver = ""

  private init(_ file: String, _ needsSources: Bool) {
    self.file = file
    self.needsSources = needsSources
  }

  private mutating func readAll(_ bytes: [UInt8]) {
    let isText = bytes.withUnsafeBytes { $0.count <= Self.limit && Text.isUTF8($0) }
    guard isText else {
      let found = bytes.count > Self.limit ? "\(bytes.count) bytes" : "bytes that are no UTF-8"
      result.problems.append(SwiftletError(.settingsFile, place: file, found: found))
      return
    }
    var scanner = TOMLScanner(bytes)
    while let statement = scanner.next() {
      line = scanner.line
      switch statement {
      case .fault(let expected, let found):
        tell(.settingsSyntax, "", expected, found)
      case .table(let name, let isList): open(name, isList)
      case .pair(let key, let value): pair(key, value)
      }
    }
    line = scanner.line
    close()
    checkWhole()
  }

  // MARK: tables

  private mutating func open(_ name: String, _ isList: Bool) {
    let ending = Array(".source".utf8)
    let bytes = Array(name.utf8)
    if bytes.suffix(ending.count).elementsEqual(ending), !isList {
      let owner = String(decoding: bytes.dropLast(ending.count), as: UTF8.self)
      if let table, same(owner, table), !owner.isEmpty {
        if isSource { tell(.settingsTwice, name, "", "") }
        isSource = true
      } else {
        close()
        table = nil
        tell(.settingsConflict, name, "it directly below [" + owner + "]", "another table there")
      }
      return
    }
    close()
    table = nil
    var names: [String] = []
    for row in rows where !row.table.isEmpty && !contains(names, row.table) {
      names.append(row.table)
    }
    guard contains(names, name) else {
      return tell(.settingsKey, name, Nearest.word(name, names) ?? "", "")
    }
    if isList != Self.isList(name) {
      return tell(
        .settingsKind, name, isList ? "[" + name + "]" : "[[" + name + "]]", "the other form")
    }
    if !isList && contains(opened, name) { return tell(.settingsTwice, name, "", "") }
    opened.append(name)
    table = name
    if same(name, "cluster") { result.profile.clusters.append(Cluster()) }
    if same(name, "mode") { result.profile.modes.append(PowerMode()) }
  }

  private static func isList(_ name: String) -> Bool {
    same(name, "cluster") || same(name, "sensor") || same(name, "mode")
  }

  /// Checks what can be said at the end of a table.
  private mutating func close() {
    guard let table else { return clear() }
    if rest == .assumed { assumed |= given & ~sourced }
    if rest != .none { sourced |= given }
    for i in rows.indices where same(rows[i].table, table) {
      let row = rows[i]
      let bit: UInt64 = 1 << UInt64(i)
      let isUnknown = isUnknown(row)
      if given & bit == 0 {
        if row.need != UInt8(ascii: "-"), !isUnknown { tell(.settingsMissing, row.path, "", "") }
        if sourced & bit != 0 { tell(.settingsConflict, row.path, "it, since its source is", "") }
        continue
      }
      if assumed & bit != 0, !contains(result.assumed, row.path) {
        result.assumed.append(row.path)
      }
      guard needsSources, row.needsSource else { continue }
      if sourced & bit == 0 {
        tell(.settingsSource, row.path, "", "")
      } else if isUnknown && assumed & bit == 0 {
        tell(
          .settingsConflict, row.path, "assumption: as its source, since unknown names it",
          "another source")
      }
    }
    if same(table, "cluster") { closeCluster() }
    if same(table, "sensor") { closeSensor() }
    if same(table, "thermal") { closeThermal() }
    clear()
  }

  /// Whether the file says that nobody has published it. A cluster's core, count and clocks are
  /// never unknown: everything that runs relies on them.
  private func isUnknown(_ row: ProfileKeyRow) -> Bool {
    let isBasic =
      same(row.path, "cluster.core") || same(row.path, "cluster.count")
      || same(row.path, "cluster.mhz")
    let unknown = result.profile.unknown
    return !isBasic && (contains(unknown, row.path) || contains(unknown, row.table))
  }

  private mutating func clear() {
    given = 0
    sourced = 0
    assumed = 0
    rest = .none
    isSource = false
    volts = []
    channels = [[], [], []]
    driver = ""
  }

  private mutating func closeCluster() {
    let last = result.profile.clusters.count - 1
    let count = result.profile.clusters[last].steps.count
    if volts.count == 0 { return }
    if volts.count != count {
      return tell(.settingsConflict, "cluster.volts", "as many as mhz", "\(volts.count)")
    }
    for i in 0..<count { result.profile.clusters[last].steps[i].volts = volts[i] }
  }

  private mutating func closeSensor() {
    var count = 0
    for (role, labels) in channels.enumerated() {
      for label in labels {
        var rule = SensorRule()
        rule.driver = driver
        rule.label = label
        rule.role = SensorRole(rawValue: UInt8(role)) ?? .ignored
        result.profile.sensors.append(rule)
        count += 1
      }
    }
    if count == 0 { tell(.settingsMissing, "sensor.total", "total, part or ignored", "") }
  }

  private mutating func closeThermal() {
    let facts = result.profile.thermal
    if fanShares.count != facts.fan.count {
      tell(.settingsConflict, "thermal.fan_ratio", "as many as fan_c", "\(fanShares.count)")
    } else {
      for i in 0..<fanShares.count { result.profile.thermal.fan[i].share = fanShares[i] }
    }
    if facts.limit > facts.throttle, facts.throttle > 0 {
      tell(.settingsConflict, "thermal.limit_c", "at most throttle_c", "more")
    }
    if (facts.softLimit > 0) != (facts.softClock > 0) {
      tell(.settingsConflict, "thermal.soft_c", "it together with soft_mhz", "one of them")
    }
  }

  /// Tables that are absent altogether, and names in `unknown`.
  private mutating func checkWhole() {
    for i in rows.indices where !rows[i].table.isEmpty && rows[i].need == UInt8(ascii: "!") {
      let row = rows[i]
      if !contains(opened, row.table) && !isUnknown(row) {
        tell(.settingsMissing, row.path, "", "")
      }
    }
    for name in result.profile.unknown {
      var names: [String] = []
      for row in rows where !row.table.isEmpty {
        names.append(row.path)
      }
      // After the keys: the nearest that stands first is suggested.
      for row in rows where !row.table.isEmpty && !contains(names, row.table) {
        names.append(row.table)
      }
      if !contains(names, name) {
        tell(.settingsKey, "unknown", Nearest.word(name, names) ?? "", name)
      }
    }
  }

  // MARK: keys

  private mutating func pair(_ key: String, _ value: TOMLValue) {
    guard let table else { return }
    var found = -1
    var names: [String] = []
    for i in rows.indices where same(rows[i].table, table) {
      names.append(rows[i].key)
      if same(rows[i].key, key) { found = i }
    }
    let path = table.isEmpty ? key : table + (isSource ? ".source." : ".") + key
    let isAll = isSource && same(key, "all")
    if found < 0 && !isAll {
      return tell(.settingsKey, path, Nearest.word(key, names) ?? "", "")
    }
    let bit: UInt64 = isAll ? 0 : 1 << UInt64(found)
    if isSource { return source(path, value, bit) }
    if given & bit != 0 { return tell(.settingsTwice, path, "", "") }
    given |= bit
    guard isUsable(rows[found], value), let key = ProfileKey(rawValue: UInt8(found)) else { return }
    store(key, value, rows[found])
  }

  private mutating func source(_ path: String, _ value: TOMLValue, _ bit: UInt64) {
    let kinds: [StaticString] = [
      "measured: ", "published: ", "known: ", "derived: ", "assumption: ",
    ]
    for i in kinds.indices {
      let start = UnsafeBufferPointer(start: kinds[i].utf8Start, count: kinds[i].utf8CodeUnitCount)
      guard value.kind == .text, value.text.utf8.starts(with: start),
        value.text.utf8.count > start.count
      else { continue }
      let isAssumed = i == kinds.count - 1
      if bit == 0 ? rest != .none : sourced & bit != 0 {
        return tell(.settingsTwice, path, "", "")
      }
      if bit == 0 { rest = isAssumed ? .assumed : .sourced }
      sourced |= bit
      if isAssumed { assumed |= bit }
      return
    }
    tell(
      .settingsSource, path, "measured: | published: | known: | derived: | assumption: and words",
      value.text)
  }
}
