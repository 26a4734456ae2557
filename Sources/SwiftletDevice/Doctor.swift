import CShims
import Swiftlet
import SwiftletCore
import SwiftletKernels
import SwiftletPower

/// One thing that was looked at.
public struct Finding: Sendable {
  /// How it stands.
  public enum State: UInt8, Sendable {
    case fine
    /// Works, but not as well as it could.
    case warning
    /// Something needed is missing.
    case missing
  }

  /// Its word in output.
  public let name: StaticString
  public let state: State
  public let what: String
  /// How to mend it; empty if there is nothing to mend.
  public let cure: String
}

/// A look at the machine through its small files. Nothing is changed.
public struct Doctor {
  /// Name of the profile that serves.
  public private(set) var board = ""
  /// In the order of output.
  public private(set) var findings: [Finding] = []

  let tree: MachineTree
  var profile = BoardProfile()

  /// Looks at the machine below `root`: empty for this one, or a folder that imitates one.
  /// `board` is a profile to go by; nil: the one that fits. `refused` are paths to take as
  /// refused.
  public static func examine(
    root: String = "", board: BoardChoice? = nil, refused: [String] = []
  ) throws(SwiftletError) -> Doctor {
    var doctor = Doctor(tree: MachineTree(root: root, refused: refused))
    let choice: BoardChoice
    if let board { choice = board } else { choice = try BoardChoice.detected(doctor.tree) }
    doctor.board = choice.profile.name
    doctor.profile = choice.profile
    if choice.isGuess {
      doctor.warn(
        "board", choice.profile.name + ": " + choice.reason,
        "write a profile and give it with --board, or run swiftlet calibrate")
    } else {
      doctor.fine("board", choice.profile.name + ": " + choice.reason)
    }
    doctor.kernel()
    doctor.processor()
    doctor.memory()
    doctor.camera()
    doctor.power()
    doctor.clocks()
    doctor.throttle()
    doctor.heat()
    doctor.gpio()
    doctor.jetson()
    doctor.disk()
    return doctor
  }

  private init(tree: MachineTree) { self.tree = tree }

  mutating func fine(_ name: StaticString, _ what: String) {
    findings.append(Finding(name: name, state: .fine, what: what, cure: ""))
  }

  mutating func warn(_ name: StaticString, _ what: String, _ cure: String) {
    findings.append(Finding(name: name, state: .warning, what: what, cure: cure))
  }

  mutating func miss(_ name: StaticString, _ what: String, _ cure: String) {
    findings.append(Finding(name: name, state: .missing, what: what, cure: cure))
  }

  // MARK: program and processor

  /// Linux 5.10 brought the GPIO interface that is used, 4.14 is the oldest that JetPack has not
  /// patched out of shape.
  private mutating func kernel() {
    guard let release = tree.line("/proc/sys/kernel/osrelease") else {
      return miss("kernel", "/proc is not there", "mount it: sudo mount -t proc proc /proc")
    }
    var numbers = [0, 0]
    var at = 0
    for byte in release.utf8 {
      if byte == UInt8(ascii: "."), at == 0 {
        at = 1
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), numbers[at] < 1000 {
        numbers[at] = numbers[at] * 10 + Int(byte - UInt8(ascii: "0"))
      } else {
        break
      }
    }
    if numbers[0] > 5 || (numbers[0] == 5 && numbers[1] >= 10) {
      return fine("kernel", "Linux " + release)
    }
    warn(
      "kernel", "Linux " + release + " is older than 5.10: no GPIO by --wake and --signal",
      "update the system, on a Jetson to JetPack 6")
  }

  /// Kernel sets against the features that the kernel lists and those that the profile promises.
  private mutating func processor() {
    var best = "reference"
    if let set = KernelSets.available().first { best = "\(set.name)" }
    guard let features = features() else {
      return warn("cpu", "kernels " + best + "; /proc/cpuinfo cannot be read", "mount /proc")
    }
    var lacks = ""
    for feature in profile.clusters.first?.features ?? []
    where !Machine.contains(features, feature) { lacks += " " + feature }
    if lacks.isEmpty { return fine("cpu", "kernels " + best) }
    warn(
      "cpu", "kernels " + best + "; the profile promises what the kernel does not list:" + lacks,
      "give the profile of this board with --board, or update the system")
  }

  /// The list of features of the first CPU; its line is the first that is named so.
  private func features() -> String? {
    guard let bytes = tree.bytes("/proc/cpuinfo") else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if !line.starts(with: "Features".utf8) && !line.starts(with: "flags".utf8) { continue }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      return String(decoding: line[(colon + 1)...], as: UTF8.self)
    }
    return nil
  }

  /// Models are mapped, not locked: mapping has to work and memory should be left.
  private mutating func memory() {
    guard let bytes = tree.bytes("/proc/meminfo") else {
      return warn("memory", "/proc/meminfo cannot be read", "mount /proc")
    }
    var size: Int64 = 0
    var step: Int32 = 0
    if let map = shim_map_file("/proc/self/exe", &size, &step) {
      munmap(UnsafeMutableRawPointer(mutating: map), Int(size))
    } else if step == Int32(shim_map_memory) {
      return miss("memory", "files cannot be mapped", "raise ulimit -v and the unit's MemoryMax")
    }
    var available = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"))
    where line.starts(with: "MemAvailable:".utf8) {
      for byte in line where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
        if available < 1 << 50 { available = available * 10 + Int(byte - UInt8(ascii: "0")) }
      }
    }
    let text = "\(available / 1024) MiB available"
    if available >= 64 * 1024 { return fine("memory", text) }
    warn("memory", text + ", 64 are comfortable", "end other programs, or add swap or zram")
  }

  private mutating func disk() {
    let bytes = shim_free_bytes(tree.root.isEmpty ? "." : tree.root)
    if bytes < 0 { return warn("disk", "free space is not told", "check with df") }
    let text = "\(bytes / 1_048_576) MiB free"
    if bytes >= 64 << 20 { return fine("disk", text) }
    if bytes >= 1 << 20 { return warn("disk", text, "make room: 64 MiB are comfortable") }
    miss("disk", text, "make room: results and restore files cannot be written")
  }
}
