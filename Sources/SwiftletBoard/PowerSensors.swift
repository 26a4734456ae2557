import CShims
import SwiftletPower

/// One rail of a power sensor.
struct PowerChannel {
  /// `ina3221`, `ina3221x` or `ina2xx`, as profiles name drivers.
  var driver = ""
  /// As the kernel prints it; empty where it has none.
  var label = ""
  /// Its folder, without the root.
  var place = ""
  var role = SensorRole.part
  /// Power, or a voltage that `current` is multiplied with.
  var first = OpenFile()
  var current = OpenFile()
  var isProduct = false
  /// Units in a watt.
  var unit = 1e6

  /// Watts now; nil if the kernel does not tell or tells nonsense.
  mutating func watts() -> Double? {
    guard let a = first.number() else { return nil }
    var value = Double(a)
    if isProduct {
      guard let b = current.number() else { return nil }
      value *= Double(b)
    }
    value /= unit
    // A chip that lost its configuration tells extremes; the dearest board draws under 100 W.
    return value > -1 && value < 500 ? max(0, value) : nil
  }

  var isGone: Bool {
    (first.error != 0 && first.error != EAGAIN)
      || (isProduct && current.error != 0 && current.error != EAGAIN)
  }

  mutating func close() {
    first.close()
    current.close()
  }
}

/// The power sensors that the kernel drives: INA3221 and INA2xx through hwmon, and the INA3221
/// driver of JetPack 4.
struct PowerSensors {
  private(set) var channels: [PowerChannel] = []
  /// A channel failed in a way that looking again may cure.
  private(set) var isLost = false
  /// No rail is missing that the sum needs: a sum without it would be too low.
  private var isComplete = true

  /// Looks for all channels and opens them.
  mutating func scan(root: String, rules: [SensorRule]) {
    close()
    for name in Files.names(in: root + "/sys/class/hwmon") {
      addMonitor("/sys/class/hwmon/" + name, root, rules)
    }
    if channels.isEmpty {
      // Where the class folder is hidden, for example in a container.
      let drivers = "/sys/bus/i2c/drivers/ina3221/"
      for device in Files.names(in: root + drivers) {
        let folder = drivers + device + "/hwmon/"
        for name in Files.names(in: root + folder, start: "hwmon") {
          addMonitor(folder + name, root, rules)
        }
      }
    }
    let drivers = "/sys/bus/i2c/drivers/ina3221x/"
    for device in Files.names(in: root + drivers) {
      let folder = drivers + device + "/"
      for name in Files.names(in: root + folder, start: "iio") {
        addJetPack4(folder + name, root, rules)
      }
    }
    isComplete = true
    for channel in channels where !hasAllRails(of: channel.driver, rules) { isComplete = false }
    isLost = !isComplete
  }

  /// Whether the rails of a driver that the profile adds up are all there.
  private func hasAllRails(of driver: String, _ rules: [SensorRule]) -> Bool {
    var wanted = SensorRole.part
    for rule in rules where rule.driver == driver && rule.role == .total { wanted = .total }
    for rule in rules where rule.driver == driver && rule.role == wanted {
      var isThere = false
      for channel in channels where channel.driver == driver && channel.role == wanted {
        if rule.label.isEmpty || rule.label == channel.label { isThere = true }
      }
      // One total of several names is enough; of parts none may be missing.
      if isThere == (wanted == .total) { return isThere }
    }
    return wanted == .part
  }

  /// Watts of the board: the total if a channel is one, else the sum of the parts.
  mutating func watts() -> Double? {
    var total = 0.0
    var parts = 0.0
    var largest = 0.0
    var totals = 0
    var counted = 0
    var failed = !isComplete
    for i in channels.indices where channels[i].role != .ignored {
      let isTotal = channels[i].role == .total
      counted += 1
      if isTotal { totals += 1 }
      guard let watts = channels[i].watts() else {
        failed = true
        if channels[i].isGone { isLost = true }
        // The parts only check a total; a missing total cannot be replaced by some of its parts.
        if isTotal { return nil }
        continue
      }
      largest = max(largest, watts)
      if isTotal { total = max(total, watts) } else { parts += watts }
    }
    if totals > 0 && isComplete {
      // Old kernels of the Jetson Nano swapped labels: then the largest rail is the supply. The
      // channels are sampled one after another, hence the slack.
      return total * 1.05 + 0.1 >= parts ? total : largest
    }
    return counted == 0 || failed ? nil : parts
  }

  mutating func close() {
    for i in channels.indices { channels[i].close() }
    channels.removeAll()
  }

  private mutating func addMonitor(_ folder: String, _ root: String, _ rules: [SensorRule]) {
    let path = root + folder
    guard let name = Files.line(path + "/name") else { return }
    if name == "ina3221" {
      // Channels 4 to 7 are shunt voltages and a sum of other rails.
      for n in 1...3 where Files.number("\(path)/in\(n)_enable") != 0 {
        let label = Files.line("\(path)/in\(n)_label") ?? ""
        var channel = PowerChannel(driver: "ina3221", label: label, place: folder)
        channel.isProduct = true
        add(channel, "\(path)/in\(n)_input", "\(path)/curr\(n)_input", rules)
      }
    } else if name.begins(with: "ina2") {
      var channel = PowerChannel(driver: "ina2xx", place: folder)
      channel.label = Files.line(path + "/label") ?? ""
      add(channel, path + "/power1_input", nil, rules)
    }
  }

  private mutating func addJetPack4(_ folder: String, _ root: String, _ rules: [SensorRule]) {
    for n in 0...2 {
      guard let label = Files.line("\(root)\(folder)/rail_name_\(n)") else { continue }
      var channel = PowerChannel(driver: "ina3221x", label: label, place: folder)
      channel.unit = 1e3
      add(channel, "\(root)\(folder)/in_power\(n)_input", nil, rules)
    }
  }

  private mutating func add(
    _ found: PowerChannel, _ first: String, _ current: String?, _ rules: [SensorRule]
  ) {
    if found.label == "NC" || found.label == "sum of shunt voltages" || channels.count >= 24 {
      return
    }
    var channel = found
    channel.role = Self.role(of: found, rules)
    channel.first = OpenFile(first)
    if let current { channel.current = OpenFile(current) }
    // A channel the chip lacks has no file; one that may not be read is kept and told.
    if channel.first.error == ENOENT || (current != nil && channel.current.error == ENOENT) {
      channel.close()
      return
    }
    channels.append(channel)
  }

  /// What a channel means: the profile's rule, or what its name says on a board without rules.
  private static func role(of channel: PowerChannel, _ rules: [SensorRule]) -> SensorRole {
    var driverIsKnown = false
    for rule in rules where rule.driver == channel.driver {
      if rule.label.isEmpty || rule.label == channel.label { return rule.role }
      driverIsKnown = true
    }
    if driverIsKnown { return .ignored }
    if channel.driver == "ina2xx" { return .total }
    if channel.label == "VDD_IN" || channel.label == "POM_5V_IN" { return .total }
    // Rails of a chip that the profile does not know are not the board.
    return rules.isEmpty ? .part : .ignored
  }
}
