import CShims
import SwiftletPower

/// CPUs that share a clock: a `policy` folder of the kernel.
struct ClockPolicy {
  /// The file of the limit, without the root.
  var path: String
  var limit: OpenFile
  var current: OpenFile
  /// kHz, in the order of the kernel; empty: any between `low` and `high`.
  var steps: [Int64] = []
  var low: Int64 = 0
  var high: Int64 = 0

  /// The highest clock not above the wanted one, or the lowest there is; kHz.
  func step(_ kilohertz: Double) -> Int64 {
    if steps.isEmpty {
      return kilohertz <= Double(low) ? low : kilohertz >= Double(high) ? high : Int64(kilohertz)
    }
    var best = Int64.min
    var lowest = Int64.max
    for step in steps {
      lowest = min(lowest, step)
      // Half a megahertz of slack: 1478.4 MHz is asked for as 1478.
      if Double(step) <= kilohertz + 500, step > best { best = step }
    }
    return best == Int64.min ? lowest : best
  }
}

/// All clocks that a limit applies to.
struct ClockPolicies {
  private(set) var policies: [ClockPolicy] = []
  private(set) var isLost = false

  /// Looks for the policies of a cluster's CPUs; of all CPUs if that matches none.
  mutating func scan(root: String, cluster: Cluster?) {
    close()
    isLost = false
    let folder = "/sys/devices/system/cpu/cpufreq/"
    let names = Files.names(in: root + folder, start: "policy")
    for name in names where isOf(cluster, root + folder + name) { add(folder + name, root) }
    if policies.isEmpty {
      for name in names { add(folder + name, root) }
    }
  }

  private func isOf(_ cluster: Cluster?, _ folder: String) -> Bool {
    guard let cluster, cluster.count > 0 else { return true }
    for cpu in numbers(in: Files.line(folder + "/related_cpus") ?? "") {
      if cpu >= cluster.firstCPU, cpu < cluster.firstCPU + cluster.count { return true }
    }
    return false
  }

  private mutating func add(_ folder: String, _ root: String) {
    guard policies.count < 16 else { return }
    let path = root + folder
    var policy = ClockPolicy(
      path: folder + "/scaling_max_freq", limit: OpenFile(path + "/scaling_max_freq"),
      current: OpenFile(path + "/scaling_cur_freq"))
    policy.steps = numbers(in: Files.line(path + "/scaling_available_frequencies") ?? "")
    policy.low = Files.number(path + "/cpuinfo_min_freq") ?? 0
    policy.high = Files.number(path + "/cpuinfo_max_freq") ?? 0
    // The longest limit the firmware allows may lie above the list (boost), never the other way.
    for step in policy.steps where policy.high < step { policy.high = step }
    policies.append(policy)
  }

  /// The highest limit in force over all policies, MHz.
  mutating func limit() -> Double? {
    var highest: Int64?
    for i in policies.indices {
      guard let value = policies[i].limit.number() else {
        if policies[i].limit.isGone { isLost = true }
        return nil
      }
      highest = max(highest ?? 0, value)
    }
    return highest.map { Double($0) * 0.001 }
  }

  /// The highest clock now, MHz.
  mutating func current() -> Double? {
    var highest: Int64?
    for i in policies.indices {
      if let value = policies[i].current.number() { highest = max(highest ?? 0, value) }
    }
    return highest.map { Double($0) * 0.001 }
  }

  /// The limit of one policy, kHz.
  mutating func limit(of index: Int) -> Int64? { policies[index].limit.number() }

  mutating func close() {
    for i in policies.indices {
      policies[i].limit.close()
      policies[i].current.close()
    }
    policies.removeAll()
  }
}

/// The clock of a GPU: a `devfreq` folder of the kernel.
struct GraphicsClock {
  /// The file of the limit, without the root; empty: no GPU.
  private(set) var path = ""
  private var steps: [Int64] = []

  /// Looks for a folder whose name has one of the endings.
  mutating func scan(root: String, endings: [String]) {
    path = ""
    let folder = "/sys/class/devfreq/"
    for name in Files.names(in: root + folder) {
      var isOurs = false
      for ending in endings where name.utf8.count >= ending.utf8.count {
        if name.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8) { isOurs = true }
      }
      if !isOurs { continue }
      path = folder + name + "/max_freq"
      steps = numbers(in: Files.line(root + folder + name + "/available_frequencies") ?? "")
    }
  }

  /// The highest step not above the wanted clock, or the lowest; Hz. nil without a list.
  func step(_ hertz: Double) -> Int64? {
    var best: Int64?
    var lowest: Int64?
    for step in steps {
      lowest = min(lowest ?? step, step)
      if Double(step) <= hertz + 500_000, step > best ?? 0 { best = step }
    }
    return best ?? lowest
  }
}

/// Which CPUs threads run on.
public enum Affinity {
  /// Ties the calling thread and all it starts later to the CPUs of a cluster; false if the
  /// kernel refuses, for example because a container lacks them.
  ///
  /// Call it before a session starts its threads.
  @discardableResult
  public static func use(_ cluster: Cluster) -> Bool {
    cluster.count > 0 && cluster.firstCPU >= 0 && cluster.firstCPU < 4096 && cluster.count < 4096
      && shim_set_cpus(Int32(cluster.firstCPU), Int32(cluster.count)) == 0
  }
}
