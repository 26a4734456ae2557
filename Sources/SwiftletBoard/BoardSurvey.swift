import CShims
import SwiftletCore
import SwiftletPower

/// One thing that a board has or lacks, for `swiftlet doctor`.
public struct BoardFinding: Sendable {
  public enum Subject: UInt8, Sendable {
    case power, temperature, throttle, load, clock, graphicsClock, restoring, gpio
  }
  public enum State: UInt8, Sendable {
    /// Works.
    case found
    /// There, but not read or never added: a rail the profile ignores, another kind of zone.
    case ignored
    /// The kernel does not offer it: no driver, no chip, or not on this board.
    case missing
    /// There, but this user may not use it.
    case denied
    /// There, but it does not answer.
    case failed
    /// Works, but something about it costs watts or accuracy; `detail` says what.
    case doubtful
  }
  public var subject: Subject
  public var state: State
  /// The file or folder it is about.
  public var place: String
  /// A label, value or error name.
  public var detail: String
}

extension LinuxBoard {
  /// What was found and what is missing, with a reason for each. Looks at the files again; not
  /// for use in a loop.
  public mutating func survey() -> [BoardFinding] {
    var findings: [BoardFinding] = []
    func add(
      _ subject: BoardFinding.Subject, _ state: BoardFinding.State, _ place: String,
      _ detail: String = ""
    ) {
      findings.append(
        BoardFinding(subject: subject, state: state, place: place, detail: detail))
    }
    surveyPower(add)
    surveyHeat(add)
    if read().otherCores == nil && load.isBlind {
      add(.load, .missing, "/proc/stat")
    } else {
      add(.load, .found, "/proc/stat")
    }
    surveyClocks(add)
    let chips = GPIOLines.chips(root)
    if chips.isEmpty { add(.gpio, .missing, "/dev/gpiochip*") }
    for chip in chips {
      var file = OpenFile(root + "/dev/" + chip)
      var line = shim_gpio_line()
      let error =
        file.descriptor < 0 ? file.error : shim_gpio_line_info(file.descriptor, 0, &line)
      // Version 1 of the interface knows no such request.
      if error == EINVAL || error == ENOTTY {
        add(.gpio, .missing, "/dev/" + chip, "version 2")
      } else {
        add(.gpio, Self.state(of: error), "/dev/" + chip, Self.name(of: error))
      }
      file.close()
    }
    return findings
  }

  private typealias Add = (BoardFinding.Subject, BoardFinding.State, String, String) -> Void

  private mutating func surveyPower(_ add: Add) {
    for i in power.channels.indices {
      var channel = power.channels[i]  // shares the descriptors, which stay open
      let watts = channel.watts()
      let place = channel.place
      if channel.first.descriptor < 0 {
        add(.power, Self.state(of: channel.first.error), place, channel.label)
      } else if watts == nil {
        add(.power, .failed, place, channel.label)
      } else {
        add(.power, channel.role == .ignored ? .ignored : .found, place, channel.label)
      }
    }
    if power.channels.isEmpty {
      add(.power, .missing, "/sys/class/hwmon", "")
    }
    for rule in profile.sensors where rule.driver == "pmic" {
      add(
        .power, rule.role == .ignored ? .ignored : Self.state(of: throttle.mailbox.error),
        "/dev/vcio", "pmic")
    }
  }

  private mutating func surveyHeat(_ add: Add) {
    if zones.zones.isEmpty && throttle.celsius() == nil {
      add(.temperature, .missing, "/sys/class/thermal", "")
    }
    for zone in zones.zones {
      var file = zone.file
      _ = file.number()
      add(.temperature, Self.state(of: file.error), "/sys/class/thermal", zone.type)
    }
    switch profile.throttleSource {
    case .none: break
    case .raspberryPi:
      var value: UInt32 = 0
      let error =
        throttle.mailbox.descriptor < 0
        ? throttle.mailbox.error
        : shim_mailbox(throttle.mailbox.descriptor, UInt32(shim_tag_throttled), &value, 1)
      add(.throttle, Self.state(of: error), "/dev/vcio", Self.name(of: error))
    case .coolingDevices:
      add(
        .throttle, throttle.coolingCount > 0 ? .found : .missing,
        "/sys/class/thermal/cooling_device*", "")
    }
  }

  private mutating func surveyClocks(_ add: Add) {
    let folder = "/sys/devices/system/cpu/cpufreq"
    if clocks.policies.isEmpty { add(.clock, .missing, folder, "") }
    for policy in clocks.policies {
      let path = String(
        decoding: policy.path.utf8.dropLast("scaling_max_freq".utf8.count),
        as: UTF8.self)
      let governor = Files.line(root + path + "scaling_governor") ?? "no governor"
      let error =
        (root + policy.path).withCString { shim_call_writable($0) } == 0 ? 0 : shim_errno()
      if error == EACCES || error == EPERM || error == EROFS {
        add(.clock, .denied, policy.path, Self.name(of: error))
      } else if governor == "performance" {
        add(.clock, .doubtful, policy.path, "governor performance: full clock also when idle")
      } else if let low = Files.number(root + path + "scaling_min_freq"), low >= policy.high,
        policy.high > policy.low
      {
        add(.clock, .doubtful, policy.path, "clocks are locked at the top")
      } else {
        add(.clock, .found, policy.path, governor)
      }
    }
    if profile.knobs.contains(.gpu) {
      add(
        .graphicsClock, graphics.path.isEmpty ? .missing : .found,
        graphics.path.isEmpty ? "/sys/class/devfreq" : graphics.path, "")
    }
    do throws(SwiftletError) {
      try takeKnobs()
      add(.restoring, .found, "restore-state", "")
    } catch {
      add(.restoring, error.code == .knobsTaken ? .ignored : .denied, error.place, error.found)
    }
  }

  private static func state(of error: Int32) -> BoardFinding.State {
    switch error {
    case 0: .found
    case ENOENT, ENODEV, ENXIO: .missing
    case EACCES, EPERM, EROFS: .denied
    default: .failed
    }
  }

  private static func name(of error: Int32) -> String {
    error == 0 ? "" : systemErrorName(error)
  }
}
