import SwiftletCore
import SwiftletPower

/// Cameras, sensors and what can be set.
extension Doctor {
  /// Device files that exist but may not be used are the commonest trouble.
  private mutating func refusal(_ name: StaticString, _ path: String, _ group: String) -> Bool {
    if tree.mayUse(path, write: true) { return false }
    miss(
      name, path + " may not be used",
      "sudo usermod -aG " + group + " $USER, then log in again")
    return true
  }

  mutating func camera() {
    var text = ""
    var count = 0
    for name in tree.names("/dev", "video") {
      guard Values.whole(String(decoding: Array(name.utf8.dropFirst(5)), as: UTF8.self)) != nil
      else { continue }
      if refusal("camera", "/dev/" + name, "video") { return }
      let folder = "/sys/class/video4linux/" + name
      // A camera's further nodes carry metadata, or other sizes of the same picture.
      let index = tree.number(folder + "/index") ?? 0
      count += 1
      if count > 8 { continue }
      text += (text.isEmpty ? "" : ", ") + "/dev/" + name
      text += " (" + (tree.line(folder + "/name") ?? "no name")
      text += index > 0 ? ", node \(index + 1))" : ")"
    }
    if count > 0 { return fine("camera", text) }
    var cure = "plug one in; without, swiftlet camera -c takes folders, Y4M files and stdin"
    if !profile.cameraHint.isEmpty { cure = profile.cameraHint }
    warn("camera", "no /dev/video*", cure)
  }

  mutating func power() {
    var found = ""
    for chip in tree.names("/sys/class/hwmon", "hwmon") {
      guard let name = tree.line("/sys/class/hwmon/" + chip + "/name") else { continue }
      if hasPrefix(name, "ina2") || isSame(name, "ina3221") { found = name + " (" + chip + ")" }
    }
    let jetpack4 = "/sys/bus/i2c/drivers/ina3221x"
    for device in tree.names(jetpack4, "") where found.isEmpty {
      if !tree.names(jetpack4 + "/" + device, "iio:device").isEmpty {
        found = "ina3221x (" + device + ")"
      }
    }
    if !found.isEmpty { return fine("power", found) }
    let cure =
      "an INA219, 226 or 260 in the supply with the kernel's ina2xx driver measures the board"
    if profile.hasPowerModel {
      warn("power", "no sensor: watts are modelled", cure + "; or run swiftlet calibrate")
    } else {
      warn("power", "no sensor and no model: --max-watts cannot be kept", cure)
    }
  }

  mutating func clocks() {
    let folder = "/sys/devices/system/cpu/cpufreq/"
    let policies = tree.names(folder, "policy")
    guard let first = policies.first else {
      return warn(
        "clock", "no cpufreq: the clock cannot be limited",
        "other points are still chosen; on a virtual machine this is usual")
    }
    let governor = tree.line(folder + first + "/scaling_governor") ?? "unknown"
    var text = "\(policies.count) "
    text += policies.count == 1 ? "policy, " : "policies, "
    text += "governor " + governor
    for policy in policies where !tree.mayUse(folder + policy + "/scaling_max_freq", write: true) {
      return warn(
        "clock", text + "; scaling_max_freq may not be written",
        "run as root, or by the service; else frame rate, bits and threads are set only")
    }
    if isSame(governor, "performance") {
      return warn(
        "clock", text + ": idle cores keep the highest clock",
        "echo schedutil | sudo tee " + folder + "policy*/scaling_governor")
    }
    if isSame(governor, "powersave") || isSame(governor, "userspace") {
      return warn(
        "clock", text + ": the clock does not follow the load",
        "echo schedutil | sudo tee " + folder + "policy*/scaling_governor")
    }
    fine("clock", text)
  }

  /// Bits of the firmware's get_throttled: now, and 16 higher since boot.
  mutating func throttle() {
    guard profile.throttleSource == .raspberryPi else { return }
    if tree.has("/dev/vcio"), refusal("throttle", "/dev/vcio", "video") { return }
    let supply = "use the maker's supply and a short, thick cable"
    guard let line = tree.line("/sys/devices/platform/soc/soc:firmware/get_throttled"),
      let bits = hexadecimal(line)
    else {
      for chip in tree.names("/sys/class/hwmon", "hwmon") {
        let folder = "/sys/class/hwmon/" + chip
        guard let name = tree.line(folder + "/name"), isSame(name, "rpi_volt") else { continue }
        if tree.number(folder + "/in0_lcrit_alarm") == 1 {
          return miss("throttle", "the supply is too weak now", supply)
        }
        return fine("throttle", "the supply holds")
      }
      return warn(
        "throttle", "the firmware does not tell", "load the modules raspberrypi-hwmon and vcio")
    }
    if bits & 1 != 0 { return miss("throttle", "the supply is too weak now", supply) }
    if bits & 0b1110 != 0 {
      return warn("throttle", "slowed down now, by heat", "cool it, or set --max-temp")
    }
    if bits & 0x1_0000 != 0 {
      return warn("throttle", "the supply was too weak since the start", supply)
    }
    if bits & 0xE_0000 != 0 {
      return warn("throttle", "slowed down since the start, by heat", "cool it, or set --max-temp")
    }
    fine("throttle", "never since the start")
  }

  private func hexadecimal(_ text: String) -> Int? {
    var value = 0
    var count = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "x"), count == 1, value == 0 {
        count = 0
        continue
      }
      let small = byte | 32
      switch small {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value * 16 + Int(small) - 48
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value * 16 + Int(small) - 87
      default: return nil
      }
      count += 1
      if count > 8 { return nil }
    }
    return count > 0 ? value : nil
  }

  mutating func heat() {
    var zones = ""
    for zone in tree.names("/sys/class/thermal", "thermal_zone") {
      let folder = "/sys/class/thermal/" + zone
      guard tree.number(folder + "/temp") != nil, let type = tree.line(folder + "/type") else {
        continue
      }
      zones += (zones.isEmpty ? "" : ", ") + type
    }
    if !zones.isEmpty { return fine("heat", zones) }
    warn("heat", "no thermal zone: --max-temp cannot be kept", "update the system's kernel")
  }

  mutating func gpio() {
    let chips = tree.names("/dev", "gpiochip")
    if chips.isEmpty {
      return warn("gpio", "no /dev/gpiochip*: no --wake, no --signal", "update the kernel")
    }
    for chip in chips where refusal("gpio", "/dev/" + chip, "gpio") { return }
    fine("gpio", chips.count == 1 ? "1 chip" : "\(chips.count) chips")
  }

  /// The power mode, and whether jetson_clocks holds all clocks at their highest.
  mutating func jetson() {
    if let status = tree.line("/var/lib/nvpmodel/status") {
      fine("nvpmodel", status + "; its names are caps of clocks, not of watts")
    } else if !profile.modes.isEmpty {
      warn("nvpmodel", "no status", "run sudo nvpmodel -q once")
    } else {
      return
    }
    let folder = "/sys/devices/system/cpu/cpufreq/"
    var held = 0
    let policies = tree.names(folder, "policy")
    for policy in policies {
      let low = tree.number(folder + policy + "/scaling_min_freq")
      if let low, low == tree.number(folder + policy + "/scaling_max_freq") { held += 1 }
    }
    if held > 0 && held == policies.count {
      warn(
        "jetson", "jetson_clocks is active: idle draws watts more",
        "sudo jetson_clocks --restore, or start the board again")
    }
  }
}
