import Foundation
import SwiftletCore
import SwiftletPower
import Testing

/// Where the package lies.
let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// boards/*.toml: name, bytes.
func boardFiles() throws -> [(name: String, bytes: [UInt8])] {
  let folder = package.appending(path: "boards")
  let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
  return try names.filter { $0.hasSuffix(".toml") }.sorted().map {
    (String($0.dropLast(5)), Array(try Data(contentsOf: folder.appending(path: $0))))
  }
}

/// Every profile of the repository.
struct ProfileFilesTests {
  @Test func files_all_haveNoProblem() throws {
    let files = try boardFiles()
    for board in [
      "raspberry-pi-zero-2w", "raspberry-pi-3b-plus", "raspberry-pi-4b", "raspberry-pi-5",
      "jetson-nano", "jetson-xavier-nx", "jetson-agx-xavier", "jetson-orin-nano",
      "jetson-orin-nx", "generic-arm64", "host",
    ] {
      #expect(files.contains { $0.name == board }, "\(board) is missing")
    }
    for (name, bytes) in files {
      let result = ProfileReader.read(bytes, file: "boards/\(name).toml")
      #expect(result.problems.isEmpty, "\(result.problems.map(\.message).joined(separator: "\n"))")
      #expect(result.profile.name == name)
      #expect(!result.profile.clusters.isEmpty)
    }
  }

  /// What is compiled in is what the files say, without the help of the generator.
  @Test func compiled_all_areTheFiles() throws {
    let files = try boardFiles()
    #expect(BoardProfiles.names == files.map(\.name))
    for (name, bytes) in files {
      let compiled = try BoardProfiles.named(name)
      let file = ProfileReader.read(bytes, file: name).profile
      #expect(
        String(describing: compiled) == String(describing: file),
        "CompiledProfiles.swift is not current: run tools/profiles")
    }
  }

  @Test func named_unknown_suggestsTheNearest() {
    do throws(SwiftletError) {
      _ = try BoardProfiles.named("raspberry-pi-4")
      Issue.record("there is no such board")
    } catch {
      #expect(error.code == .boardUnknown && error.expected == "raspberry-pi-4b")
    }
  }

  @Test(arguments: [
    (
      "raspberry-pi-zero-2w", "raspberrypi,model-zero-2-w|brcm,bcm2837",
      "raspberrypi,model-zero-2-w"
    ),
    (
      "raspberry-pi-3b-plus", "raspberrypi,3-model-b-plus|brcm,bcm2837",
      "raspberrypi,3-model-b-plus"
    ),
    ("raspberry-pi-4b", "raspberrypi,4-model-b|brcm,bcm2711", "raspberrypi,4-model-b"),
    (
      "raspberry-pi-4b", "acme,gate|raspberrypi,4-compute-module|brcm,bcm2711",
      "raspberrypi,4-compute-module"
    ),
    ("raspberry-pi-4b", "acme,own-carrier|brcm,bcm2711", "brcm,bcm2711"),
    ("raspberry-pi-5", "raspberrypi,5-model-b|brcm,bcm2712", "raspberrypi,5-model-b"),
    ("jetson-nano", "nvidia,p3450-0000|nvidia,jetson-nano|nvidia,tegra210", "nvidia,p3450-0000"),
    ("jetson-nano", "nvidia,jetson-nano|nvidia,tegra210", "nvidia,jetson-nano"),
    (
      "jetson-xavier-nx",
      "nvidia,p3449-0000+p3668-0000|nvidia,p3509-0000+p3668-0000|nvidia,tegra194",
      "nvidia,p3449-0000+p3668-0000"
    ),
    (
      "jetson-xavier-nx", "nvidia,p3509-0000+p3668-0001|nvidia,tegra194",
      "nvidia,p3509-0000+p3668-0001"
    ),
    ("jetson-agx-xavier", "nvidia,p2972-0000|nvidia,tegra194", "nvidia,p2972-0000"),
    (
      "jetson-orin-nano", "nvidia,p3768-0000+p3767-0005|nvidia,p3767-0005|nvidia,tegra234",
      "nvidia,p3768-0000+p3767-0005"
    ),
    (
      "jetson-orin-nano", "nvidia,p3768-0000+p3767-0005-super|nvidia,p3767-0005|nvidia,tegra234",
      "nvidia,p3767-0005"
    ),
    (
      "jetson-orin-nx", "nvidia,p3768-0000+p3767-0000|nvidia,p3767-0000|nvidia,tegra234",
      "nvidia,p3768-0000+p3767-0000"
    ),
    ("generic-arm64", "radxa,rock-5b|rockchip,rk3588", ""),
  ])
  func matching_compatible_findsTheBoard(_ board: String, _ entries: String, _ why: String) {
    // The file ends with a NUL too.
    let compatible = Array((entries.replacingOccurrences(of: "|", with: "\0") + "\0").utf8)
    let match = BoardProfiles.matching(compatible: compatible, model: [])
    #expect(match.name == board)
    #expect(match.matched == why)
    #expect(match.kind == (why.isEmpty ? .architecture : .compatible))
  }

  @Test(arguments: [
    ("raspberry-pi-4b", "Raspberry Pi 4 Model B Rev 1.4"),
    ("raspberry-pi-3b-plus", "Raspberry Pi 3 Model B Plus Rev 1.3"),
    ("raspberry-pi-zero-2w", "Raspberry Pi Zero 2 W Rev 1.0"),
    ("raspberry-pi-5", "Raspberry Pi 5 Model B Rev 1.0"),
    ("jetson-nano", "NVIDIA Jetson Nano Developer Kit"),
    ("jetson-xavier-nx", "NVIDIA Jetson Xavier NX Developer Kit"),
    ("jetson-agx-xavier", "Jetson-AGX"),
    ("jetson-orin-nano", "NVIDIA Jetson Orin Nano Developer Kit"),
    ("jetson-orin-nx", "NVIDIA Jetson Orin NX Engineering Reference Developer Kit"),
  ])
  func matching_model_findsTheBoard(_ board: String, _ model: String) {
    let match = BoardProfiles.matching(compatible: [], model: Array((model + "\0").utf8))
    #expect(match.name == board)
    #expect(match.kind == .model && model.hasPrefix(match.matched))
  }

  @Test func matching_nothing_goesByTheArchitecture() {
    #expect(BoardProfiles.matching(compatible: [], model: [], isArm: false).name == "host")
    #expect(BoardProfiles.matching(compatible: [0, 0], model: [0]).name == "generic-arm64")
  }

  /// The figures that the demonstration of the watt cap stands on.
  @Test func pi4_figures_areThoseOfTheDesign() throws {
    let pi = try BoardProfiles.named("raspberry-pi-4b")
    #expect(pi.power.base == 1.75 && pi.power.simdActivity == 0.71 && pi.cameraWatts == 0.5)
    let cluster = try #require(pi.clusters.first)
    #expect(cluster.steps.map(\.megahertz) == Array(stride(from: 600, through: 1800, by: 100)))
    #expect(cluster.steps[9].volts == 0.86 && cluster.steps[12].volts == 0.926)
    #expect(pi.thermal.dieResistance == 4.44 && pi.thermal.boardResistance == 5)
    #expect(pi.sensors.map(\.role) == [.total] && pi.throttleSource == .raspberryPi)
    #expect(pi.hasPowerModel)
  }
}
