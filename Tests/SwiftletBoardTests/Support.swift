import CFakeKernel
import Foundation
import SwiftletBoard
import SwiftletCore
import SwiftletPower
import Testing

/// A folder that imitates `/sys`, `/proc` and `/dev`; removed at the end.
final class Tree {
  let root: String

  init(_ files: [(String, String)] = []) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "tree-\(UUID().uuidString)").path
    _ = fakeKernel
    try put("proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n")
    try FileManager.default.createDirectory(
      atPath: root + "/run", withIntermediateDirectories: true)
    for (path, text) in files { try put(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func put(_ path: String, _ text: String) throws {
    let url = URL(filePath: root + "/" + path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    // In place, as the kernel changes its files under an open descriptor.
    if let file = FileHandle(forWritingAtPath: url.path) {
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data(text.utf8))
      try file.close()
    } else {
      try Data(text.utf8).write(to: url)
    }
  }

  func text(_ path: String) -> String? {
    try? String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.prefix(while: \.isNumber)) }
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + "/" + path) }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(atPath: root + "/" + path)
  }
}

let fakeKernel: Void = fake_kernel_install()

/// The imitated boards. Each file holds what the kernel's driver prints there.
enum Boards {
  static func clock(_ policy: Int, _ cpus: String, _ steps: String, top: Int) -> [(String, String)]
  {
    let folder = "sys/devices/system/cpu/cpufreq/policy\(policy)/"
    let low = steps.split(separator: " ").compactMap { Int($0) }.min() ?? 0
    return [
      (folder + "related_cpus", cpus + "\n"), (folder + "scaling_available_frequencies", steps),
      (folder + "cpuinfo_min_freq", "\(low)\n"), (folder + "cpuinfo_max_freq", "\(top)\n"),
      (folder + "scaling_min_freq", "\(low)\n"), (folder + "scaling_max_freq", "\(top)\n"),
      (folder + "scaling_cur_freq", "\(low)\n"), (folder + "scaling_governor", "schedutil\n"),
    ]
  }

  static func zone(_ number: Int, _ type: String, _ temp: String) -> [(String, String)] {
    let folder = "sys/class/thermal/thermal_zone\(number)/"
    return [(folder + "type", type + "\n"), (folder + "temp", temp)]
  }

  /// Channels of an INA3221: label, millivolts, milliamperes.
  static func ina3221(_ folder: String, _ channels: [(String, Int, Int)]) -> [(String, String)] {
    var files = [(folder + "/name", "ina3221\n")]
    for (i, channel) in channels.enumerated() {
      files.append(("\(folder)/in\(i + 1)_label", channel.0 + "\n"))
      files.append(("\(folder)/in\(i + 1)_enable", "1\n"))
      files.append(("\(folder)/in\(i + 1)_input", "\(channel.1)\n"))
      files.append(("\(folder)/curr\(i + 1)_input", "\(channel.2)\n"))
      files.append(("\(folder)/in\(i + 4)_input", "3\n"))
    }
    // The sum of shunt voltages: no rail.
    files.append((folder + "/in7_label", "sum of shunt voltages\n"))
    files.append((folder + "/in7_input", "99\n"))
    files.append((folder + "/curr4_input", "9999\n"))
    return files
  }

  static func cpu(_ ticks: String, own: (Int, Int), online: String) -> [(String, String)] {
    [
      ("proc/stat", "cpu  \(ticks) 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n"),
      (
        "proc/self/stat",
        "42 (a) b 1) S 1 2 3 4 -1 4194304 10 20 30 40 \(own.0) \(own.1) 0 0 20 0 3 0 99 1 1\n"
      ),
      ("sys/devices/system/cpu/online", online + "\n"),
    ]
  }

  static let pi4Steps =
    "600000 700000 800000 900000 1000000 1100000 1200000 1300000 1400000 "
    + "1500000 1600000 1700000 1800000 \n"
  static var pi4: [(String, String)] {
    clock(0, "0 1 2 3", pi4Steps, top: 1_800_000) + zone(0, "cpu-thermal", "48686\n")
      + cpu("100 0 100 800 0 0 0 0", own: (50, 10), online: "0-3")
      + [
        ("sys/class/hwmon/hwmon0/name", "cpu_thermal\n"),
        ("sys/class/hwmon/hwmon1/name", "rpi_volt\n"),
        ("sys/class/hwmon/hwmon2/name", "ina219\n"),
        ("sys/class/hwmon/hwmon2/power1_input", "3200000\n"),
        ("sys/class/hwmon/hwmon2/curr1_input", "640\n"), ("dev/vcio", "50005 48312\n"),
      ]
  }

  static let pmic = """
       3V7_WL_SW_A current(0)=0.10000000A
         VDD_CORE_A current(7)=1.50000000A
        3V7_WL_SW_V volt(8)=3.70000000V
         VDD_CORE_V volt(15)=0.80000000V
            EXT5V_V volt(24)=5.15510000V
             BATT_V volt(25)=0.00000000V

    """
  static var pi5: [(String, String)] {
    clock(0, "0 1 2 3", "1500000 1600000 2400000 ", top: 2_400_000)
      + [("dev/vcio", "8 61200\n" + pmic)]
  }

  /// JetPack 4.
  static func nano(_ input: Int, _ gpu: Int, _ cpu: Int) -> [(String, String)] {
    let folder = "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/"
    return [
      (folder + "rail_name_0", "POM_5V_IN\n"), (folder + "in_power0_input", "\(input)\n"),
      (folder + "rail_name_1", "POM_5V_GPU\n"), (folder + "in_power1_input", "\(gpu)\n"),
      (folder + "rail_name_2", "POM_5V_CPU\n"), (folder + "in_power2_input", "\(cpu)\n"),
      ("sys/class/devfreq/57000000.gpu/max_freq", "921600000\n"),
      ("sys/class/devfreq/57000000.gpu/available_frequencies", "76800000 384000000 921600000 \n"),
      ("sys/class/devfreq/aconnect/max_freq", "1\n"),
      ("sys/class/thermal/cooling_device0/type", "cpu-balanced\n"),
      ("sys/class/thermal/cooling_device0/cur_state", "0\n"),
      ("sys/class/thermal/cooling_device1/type", "pwm-fan\n"),
      ("sys/class/thermal/cooling_device1/cur_state", "3\n"),
    ]
      + Boards.cpu("10 0 10 80 0 0 0 0", own: (5, 1), online: "0-3")
      + zone(0, "AO-therm", "44000\n") + zone(1, "CPU-therm", "38500\n")
      + zone(2, "GPU-therm", "39000\n") + zone(3, "PMIC-Die", "100000\n")
      + zone(4, "thermal-fan-est", "52000\n")
      + clock(0, "0 1 2 3", "102000 710400 1036800 1479000 \n", top: 1_479_000)
  }

  static var xavierNX: [(String, String)] {
    ina3221(
      "sys/class/hwmon/hwmon3",
      [("VDD_IN", 5000, 1020), ("VDD_CPU_GPU_CV", 5000, 200), ("VDD_SOC", 5000, 300)])
      + clock(0, "0 1 2 3 4 5", "115200 1190400 1907200 ", top: 1_907_200)
      + zone(0, "CPU-therm", "41000\n") + zone(1, "PMIC-Die", "50000\n")
  }

  /// Two chips, six rails, no total; found through the driver's folder only.
  static var agx: [(String, String)] {
    let folder = "sys/bus/i2c/drivers/ina3221/"
    return ina3221(
      folder + "1-0040/hwmon/hwmon0",
      [("GPU", 19000, 100), ("CPU", 19000, 200), ("SOC", 19000, 50)])
      + ina3221(
        folder + "1-0041/hwmon/hwmon1",
        [("CV", 19000, 10), ("VDDRQ", 19000, 40), ("SYS5V", 5000, 500)])
  }

  static var orinNX: [(String, String)] {
    ina3221(
      "sys/class/hwmon/hwmon1",
      [("VDD_IN", 19800, 232), ("VDD_CPU_GPU_CV", 19800, 20), ("NC", 0, 0)])
      + clock(0, "0 1 2 3", "115200 1190400 1984000 ", top: 1_984_000)
      + clock(4, "4 5 6 7", "115200 1190400 1984000 ", top: 1_984_000)
      + zone(0, "cpu-thermal", "47250\n") + zone(1, "gpu-thermal", "")
      + zone(2, "tj-thermal", "48000\n") + zone(3, "cv0-thermal", "")
      + [
        ("sys/class/devfreq/17000000.ga10b/max_freq", "1173000000\n"),
        (
          "sys/class/devfreq/17000000.ga10b/available_frequencies",
          "306000000 408000000 1173000000 \n"
        ),
      ]
  }
}

/// A program of this package.
enum Helper {
  static var path: String? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders = [
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
      root.appending(path: ".build/release"), root.appending(path: ".build/debug"),
    ]
    return folders.map { $0.appending(path: "BoardFaults").path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static func start(_ arguments: [String]) throws -> (Process, FileHandle) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(path, "BoardFaults is not built"))
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    return (process, pipe.fileHandleForReading)
  }

  /// The whole output and the exit status, or minus the signal.
  static func run(_ arguments: [String]) throws -> (String, Int32) {
    let (process, output) = try start(arguments)
    let data = try output.readToEnd() ?? Data()
    process.waitUntilExit()
    let status = process.terminationStatus
    return (
      String(decoding: data, as: UTF8.self),
      process.terminationReason == .uncaughtSignal ? -status : status
    )
  }

  /// Output up to the first line end.
  static func line(_ output: FileHandle) throws -> String {
    var text = Data()
    while let byte = try output.read(upToCount: 1), byte.count == 1, byte[0] != 10 {
      text.append(byte)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Waits until a condition holds, at most ten seconds; whether it does.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<1000 {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}

func code(_ body: () throws -> Void) -> ErrorCode? {
  do {
    try body()
    return nil
  } catch {
    return (error as? SwiftletError)?.code
  }
}
