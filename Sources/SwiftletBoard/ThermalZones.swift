import CShims
import SwiftletPower

/// The temperatures of the die.
struct ThermalZones {
  struct Zone {
    var type: String
    var file: OpenFile
  }
  private(set) var zones: [Zone] = []
  private(set) var isLost = false

  mutating func scan(root: String) {
    close()
    isLost = false
    let folder = root + "/sys/class/thermal/"
    var others: [Zone] = []
    for name in Files.names(in: folder, start: "thermal_zone") {
      guard let type = Files.line(folder + name + "/type"), zones.count < 32 else { continue }
      // Jetson's PMIC zone tells 100 or 50 C for ever; fan zones are computed from others.
      if type.mentions("pmic") || type.mentions("fan") { continue }
      let zone = Zone(type: type, file: OpenFile(folder + name + "/temp"))
      if Self.isDie(type) { zones.append(zone) } else { others.append(zone) }
    }
    if zones.isEmpty {
      zones = others
    } else {
      for i in others.indices { others[i].file.close() }
    }
  }

  /// The hottest zone, C. Zones of units that are switched off do not answer and do not count.
  mutating func celsius() -> Double? {
    var hottest: Double?
    for i in zones.indices {
      guard let value = zones[i].file.number() else {
        if zones[i].file.isGone { isLost = true }
        continue
      }
      let celsius = Double(value) * 0.001
      if celsius > -60, celsius < 200, celsius > hottest ?? -100 { hottest = celsius }
    }
    return hottest
  }

  mutating func close() {
    for i in zones.indices { zones[i].file.close() }
    zones.removeAll()
  }

  private static func isDie(_ type: String) -> Bool {
    type.mentions("cpu") || type.mentions("gpu") || type.mentions("soc") || type.mentions("tj")
      || type.mentions("pkg") || type.mentions("aux") || type.mentions("bcm2")
  }
}

/// Whether the board slows itself down.
struct ThrottleReader {
  /// `cur_state` of cooling devices that lower a clock.
  private var cooling: [OpenFile] = []
  private(set) var mailbox = OpenFile()

  mutating func scan(root: String, source: ThrottleSource, needsMailbox: Bool) {
    close()
    if source == .raspberryPi || needsMailbox { mailbox = OpenFile(root + "/dev/vcio") }
    if source != .coolingDevices { return }
    let folder = root + "/sys/class/thermal/"
    for name in Files.names(in: folder, start: "cooling_device") {
      guard let type = Files.line(folder + name + "/type"), cooling.count < 32,
        type.mentions("cpu") || type.mentions("gpu") || type.mentions("devfreq")
      else { continue }
      cooling.append(OpenFile(folder + name + "/cur_state"))
    }
  }

  var coolingCount: Int { cooling.count }

  mutating func read(_ source: ThrottleSource) -> Throttle {
    switch source {
    case .none: return []
    case .coolingDevices:
      for i in cooling.indices {
        if let state = cooling[i].number(), state > 0 { return .clockCapped }
      }
      return []
    case .raspberryPi:
      var value: UInt32 = 0  // clears none of the bits that stay set until the next boot
      guard mailbox.descriptor >= 0,
        shim_mailbox(mailbox.descriptor, UInt32(shim_tag_throttled), &value, 1) == 0
      else { return [] }
      return Throttle(rawValue: UInt8(value & 15))
    }
  }

  /// Whether heat lowers a CPU's clock now.
  func isCooling(root: String) -> Bool {
    let folder = root + "/sys/class/thermal/"
    for name in Files.names(in: folder, start: "cooling_device") {
      if let type = Files.line(folder + name + "/type"), type.mentions("cpu"),
        Files.number(folder + name + "/cur_state") ?? 0 > 0
      {
        return true
      }
    }
    return false
  }

  /// The die's temperature by the firmware, C.
  func celsius() -> Double? {
    guard mailbox.descriptor >= 0 else { return nil }
    var value = [2 of UInt32](repeating: 0)  // sensor 0, millidegrees
    var span = value.mutableSpan
    let error = span.withUnsafeMutableBufferPointer {
      shim_mailbox(mailbox.descriptor, UInt32(shim_tag_temperature), $0.baseAddress, 2)
    }
    return error == 0 ? Double(value[1]) * 0.001 : nil
  }

  /// The sum of volts x amperes over the rails of the Raspberry Pi 5's supply chip, W.
  func pmicWatts(_ buffer: UnsafeMutableRawBufferPointer) -> Double? {
    guard mailbox.descriptor >= 0 else { return nil }
    let text = buffer.assumingMemoryBound(to: CChar.self)
    let count = shim_mailbox_command(
      mailbox.descriptor, "pmic_read_adc", text.baseAddress, text.count)
    return count < 0
      ? nil : PMICText.watts(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]))
  }

  mutating func close() {
    for i in cooling.indices { cooling[i].close() }
    cooling.removeAll()
    mailbox.close()
  }
}
