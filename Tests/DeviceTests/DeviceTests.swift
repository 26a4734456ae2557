import Foundation
import TestSupport
import Testing

/// The whole device program, emulated: its results are the host's, byte for byte.
struct DeviceTests {
  private let every: EveryOperator

  init() throws { every = try EveryOperator() }

  /// The line of `run`, whose checksum covers every byte of every output.
  private func line(_ program: Program, _ model: String, _ flags: [String]) throws -> String {
    let ended = try program.run(["run", model, Package.photo, "--json"] + flags)
    #expect(ended.code == 0, "\(program): \(ended.error)")
    #expect((ended.json["output_crc32c"] as? String)?.hasPrefix("crc32c:") == true)
    return ended.out
  }

  private func compare(_ programs: [Program], _ model: String, flags: [[String]]) throws {
    for flags in flags {
      let bits = flags.first.map { ["--bits", $0] } ?? []
      let wanted = try line(.host, model, ["--isa", "reference"] + bits)
      for program in programs {
        let got = try line(program, model, bits + flags.dropFirst())
        #expect(got == wanted, "\(program) \(flags)")
      }
    }
  }

  private static let eachWay = [
    ["4", "-j", "1"], ["4", "-j", "2"], ["8", "-j", "1"], ["8", "-j", "2"],
  ]

  @Test func deviceRun_everyOperator_givesTheHostsBytes() throws {
    guard let devices = Program.devices else { return }
    try compare(devices, every.path, flags: Self.eachWay)
  }

  @Test(arguments: Package.models)
  func deviceRun_modelOfThePackage_givesTheHostsBytes(_ model: String) throws {
    guard let devices = Program.devices else { return }
    try compare(devices, model, flags: Self.eachWay)
  }

  /// A first pass, its margin and gates decide alike on every machine.
  @Test func deviceRun_pruned_givesTheHostsBytes() throws {
    guard let devices = Program.devices else { return }
    let lite = Package.root.appending(path: "models/efficientnet-lite0-4bit.swlt").path
    let gated = Package.root.appending(path: "models/fashion-gated-4bit.swlt").path
    var levels: Set<Int> = []
    for (model, dial) in [(lite, "0.2"), (lite, "0.8"), (gated, "0.4"), (gated, "0.5")] {
      let wanted = try line(.host, model, ["--isa", "reference", "--prune", dial])
      for program in devices + [.host] {
        #expect(try line(program, model, ["--prune", dial]) == wanted, "\(program) \(dial)")
      }
      let object = try JSONSerialization.jsonObject(with: Data(wanted.utf8)) as? [String: Any]
      if let level = object?["exit_level"] as? Int { levels.insert(level) }
      if model == gated {
        let share = try #require(object?["live_share"] as? Double)
        #expect(share > 0.05 && share < 0.95)
      }
    }
    #expect(levels.contains(0), "no picture was easy")
  }

  @Test func deviceRun_4And8Bits_differ() throws {
    let four = try line(.host, every.path, ["--bits", "4"])
    #expect(try four != line(.host, every.path, ["--bits", "8"]), "the comparison sees nothing")
  }

  @Test func deviceSelftest_everyCore_checksItsKernelSets() throws {
    guard let devices = Program.devices else { return }
    for device in devices {
      let ended = try device.run(["selftest", every.path, "-j", "2", "--json"])
      #expect(ended.code == 0 && ended.json["ok"] as? Bool == true, "\(device): \(ended.out)")
      let runs = try #require(ended.json["runs"] as? [[String: Any]])
      let names = Set(runs.compactMap { $0["isa"] as? String })
      // Only the newest of the three cores has dot products.
      let hasDot = device.description == "cortex-a76"
      #expect(names == (hasDot ? ["neondot", "neon", "reference"] : ["neon", "reference"]))
    }
  }

  @Test func deviceSelftest_underGates_givesTheReferencesBytes() throws {
    guard let devices = Program.devices else { return }
    let gated = try EveryOperator(TinyNetworks.gated())
    for device in devices {
      let ended = try device.run(["selftest", gated.path, "-j", "2", "--json"])
      #expect(ended.code == 0 && ended.json["ok"] as? Bool == true, "\(device): \(ended.out)")
    }
  }

  @Test func deviceCommands_everyCore_endWell() throws {
    guard let devices = Program.devices else { return }
    for device in devices {
      for words in [
        ["info", "--json"], ["inspect", every.path, "--json"], ["verify", every.path, "--json"],
        ["bench", every.path, "-t", "20ms", "--warmup", "0", "-q", "--json"],
        ["camera", every.path, "-c", "pan:" + Package.photo, "-n", "3", "-q", "--json"],
      ] {
        let ended = try device.run(words)
        #expect(ended.code == 0, "\(device) \(words): \(ended.error)")
        #expect((ended.json["schema"] as? String)?.hasPrefix("swiftlet.") == true)
      }
      let missing = try device.run(["run", "/nowhere.swlt", Package.photo, "--json"])
      #expect(missing.code > 0 && missing.error.contains("SYS"), "\(missing)")
    }
  }

  @Test func deviceFile_size_isWithinABoardsMeans() throws {
    guard Program.devices != nil else { return }
    let attributes = try FileManager.default.attributesOfItem(atPath: Program.deviceFile)
    let size = try #require(attributes[.size] as? Int)
    #expect(size <= 1_500_000, "at most 1.5 MB are promised")
  }

  @Test func olderHosts_everyOperator_giveTheSameBytes() throws {
    guard let hosts = Program.olderHosts else { return }
    for (host, best) in zip(hosts, ["reference", "avx2"]) {
      let sets = try #require(
        try host.run(["info", "--json"]).json["kernel_sets"] as? [[String: Any]])
      let usable = sets.filter { $0["available"] as? Bool == true }.map { $0["name"] as? String }
      #expect(usable.first == best, "\(host)")
    }
    try compare(hosts, every.path, flags: Self.eachWay)
  }

  @Test func hostRun_everyKernelSet_givesTheSameBytes() throws {
    let info = try Program.host.run(["info", "--json"])
    let sets = try #require(info.json["kernel_sets"] as? [[String: Any]])
    let names = sets.filter { $0["available"] as? Bool == true }.compactMap {
      $0["name"] as? String
    }
    #expect(names.contains("reference"))
    for model in [every.path] + Package.models {
      try compare(
        [.host], model, flags: names.flatMap { n in Self.eachWay.map { $0 + ["--isa", n] } })
    }
  }
}
