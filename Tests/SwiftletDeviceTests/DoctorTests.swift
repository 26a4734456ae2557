import Foundation
import SwiftletCore
import SwiftletDevice
import Testing

/// Machines imitated by folders.
struct DoctorTests {
  /// A folder with these files, which is gone after `body`.
  private func with<T>(_ files: [String: String], _ body: (String) throws -> T) throws -> T {
    let root = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try body(root.path)
  }

  private static let cpufreq = "sys/devices/system/cpu/cpufreq/policy0/"

  /// A Raspberry Pi 4 on which all is well.
  private static let pi: [String: String] = [
    "proc/device-tree/compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/sys/kernel/osrelease": "6.6.31+rpt-rpi-v8\n",
    "proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\n",
    "proc/meminfo": "MemTotal: 3885344 kB\nMemFree: 1 kB\nMemAvailable:    3000000 kB\n",
    "dev/video0": "", "dev/video1": "", "dev/gpiochip0": "", "dev/vcio": "",
    "sys/class/video4linux/video0/name": "HD Webcam\n",
    "sys/class/video4linux/video0/index": "0\n",
    "sys/class/video4linux/video1/name": "HD Webcam\n",
    "sys/class/video4linux/video1/index": "1\n",
    "sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
    "sys/class/hwmon/hwmon2/name": "ina219\n",
    cpufreq + "scaling_governor": "ondemand\n", cpufreq + "scaling_max_freq": "1800000\n",
    cpufreq + "scaling_min_freq": "600000\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "45277\n",
  ]

  private func finding(_ doctor: Doctor, _ name: String) -> Finding? {
    doctor.findings.first { "\($0.name)" == name }
  }

  @Test func pi_allWell_isFine() throws {
    try with(Self.pi) { root in
      let doctor = try Doctor.examine(root: root)
      #expect(doctor.board == "raspberry-pi-4b")
      for found in doctor.findings { #expect(found.state == .fine, "\(found)") }
      #expect(
        finding(doctor, "camera")?.what
          == "/dev/video0 (HD Webcam), /dev/video1 (HD Webcam, node 2)")
      #expect(finding(doctor, "board")?.what.contains("raspberrypi,4-model-b") == true)
    }
  }

  /// One change of the sound Pi, the check that tells it, its state, words of it and of its cure.
  @Test(
    arguments: [
      (["proc/sys/kernel/osrelease": "5.4.0\n"], "kernel", Finding.State.warning, "5.10", "update"),
      (["proc/sys/kernel/osrelease": nil], "kernel", .missing, "/proc", "mount"),
      (["proc/cpuinfo": "Features : fp asimd\n"], "cpu", .warning, "crc32", "--board"),
      (["proc/meminfo": "MemAvailable: 20480 kB\n"], "memory", .warning, "20 MiB", "zram"),
      (["dev/video0": nil, "dev/video1": nil], "camera", .warning, "no /dev/video", "rpicam-vid"),
      (["sys/class/hwmon/hwmon2/name": nil], "power", .warning, "modelled", "INA219"),
      ([cpufreq + "scaling_governor": "performance\n"], "clock", .warning, "idle", "schedutil"),
      ([cpufreq + "scaling_governor": "powersave\n"], "clock", .warning, "load", "schedutil"),
      (
        [
          cpufreq + "scaling_governor": nil, cpufreq + "scaling_max_freq": nil,
          cpufreq + "scaling_min_freq": nil,
        ], "clock", .warning, "may not be written", "root"
      ),
      (
        ["sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n"], "throttle", .missing,
        "too weak now", "supply"
      ),
      (
        ["sys/devices/platform/soc/soc:firmware/get_throttled": "0xe0008\n"], "throttle", .warning,
        "slowed down now", "cool"
      ),
      (
        ["sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n"], "throttle", .warning,
        "since the start", "cable"
      ),
      (
        ["sys/devices/platform/soc/soc:firmware/get_throttled": "20000\n"], "throttle", .warning,
        "since the start, by heat", "cool"
      ),
      (
        ["sys/devices/platform/soc/soc:firmware/get_throttled": "what\n"], "throttle", .warning,
        "does not tell", "modules"
      ),
      (["sys/class/thermal/thermal_zone0/temp": nil], "heat", .warning, "--max-temp", "kernel"),
      (["dev/gpiochip0": nil], "gpio", .warning, "--wake", "kernel"),
      (
        ["proc/device-tree/compatible": "acme,gate\0", "proc/device-tree/model": nil], "board",
        .warning, "docs/boards.md", "--board"
      ),
    ] as [([String: String?], String, Finding.State, String, String)])
  func pi_oneThingWrong_isToldWithItsCure(
    _ change: [String: String?], _ name: String, _ state: Finding.State, _ what: String,
    _ cure: String
  ) throws {
    var files = Self.pi
    for (path, text) in change { files[path] = text }
    // A dictionary drops what is set to nil; an empty policy folder has to stay.
    if name == "clock", files[Self.cpufreq + "scaling_max_freq"] == nil {
      files[Self.cpufreq + "affected_cpus"] = "0\n"
    }
    try with(files) { root in
      let found = try #require(finding(try Doctor.examine(root: root), name))
      #expect(found.state == state)
      #expect(found.what.contains(what), "\(found.what)")
      #expect(found.cure.contains(cure), "\(found.cure)")
    }
  }

  @Test(arguments: [
    ("/dev/video0", "camera", "usermod -aG video"), ("/dev/gpiochip0", "gpio", "usermod -aG gpio"),
    ("/dev/vcio", "throttle", "usermod -aG video"),
  ])
  func pi_rightMissing_namesTheGroup(_ path: String, _ name: String, _ cure: String) throws {
    try with(Self.pi) { root in
      let doctor = try Doctor.examine(root: root, refused: [path])
      let found = try #require(finding(doctor, name))
      #expect(found.state == .missing && found.what.contains(path) && found.cure.contains(cure))
    }
  }

  @Test func jetson_clocksHeld_isWarnedOf() throws {
    var files = Self.pi
    files["proc/device-tree/compatible"] = "nvidia,p3450-0000\0nvidia,tegra210\0"
    files["var/lib/nvpmodel/status"] = "pmode:0000\n"
    files[Self.cpufreq + "scaling_min_freq"] = "1800000\n"
    files["sys/class/hwmon/hwmon2/name"] = nil
    files["sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/name"] = "ina3221x\n"
    try with(files) { root in
      let doctor = try Doctor.examine(root: root)
      #expect(doctor.board == "jetson-nano")
      #expect(finding(doctor, "jetson")?.what.contains("jetson_clocks is active") == true)
      #expect(finding(doctor, "nvpmodel")?.what.contains("pmode:0000") == true)
      #expect(finding(doctor, "power")?.what.contains("ina3221x") == true)
      #expect(finding(doctor, "throttle") == nil)
    }
  }

  @Test func nothing_atAll_isToldWithoutATrap() throws {
    try with([:]) { root in
      let doctor = try Doctor.examine(root: root)
      #expect(doctor.findings.count > 8)
      for found in doctor.findings where found.state != .fine {
        #expect(!found.cure.isEmpty, "\(found)")
      }
    }
  }
}
