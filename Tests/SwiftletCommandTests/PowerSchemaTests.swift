import Foundation
import Testing

/// Budgets, calibration and the front: what the commands print, and that one's file is the other's
/// input.
struct PowerSchemaTests {
  private let shop: Workshop
  private let folder: String

  init() throws {
    shop = try Workshop()
    folder = try Program.scratchFolder().path
  }

  private func clean() { try? FileManager.default.removeItem(atPath: folder) }

  private func object(_ ended: Ended, _ schema: String) throws -> [String: Any] {
    #expect(ended.code == 0, "\(ended.error)")
    let json = ended.json
    #expect(json["schema"] as? String == schema)
    return json
  }

  @Test func benchPower_keys_sayWhereWattsComeFrom() throws {
    let json = try object(
      Program.run([
        "bench", shop.model, "--power", "--board", "raspberry-pi-4b", "--time", "200ms", "--soak",
        "100ms", "--rate", "50", "--json",
      ]), "swiftlet.bench/1")
    #expect(json["board"] as? String == "raspberry-pi-4b")
    let energy = try #require(json["energy"] as? [String: Any])
    #expect(Set(energy.keys) == ["j_per_frame", "avg_w", "idle_w", "source"])
    let frames = try #require(json["fps"] as? Double)
    #expect(frames <= 51)
    if energy["source"] as? String == "model" {
      let watts = try #require(energy["avg_w"] as? Double)
      #expect(watts > 1.7 && watts < 8)
      #expect(abs(try #require(energy["j_per_frame"] as? Double) - watts / frames) < 1e-3)
    }
    for state in ["before", "after"] {
      #expect(
        Set(try #require(json[state] as? [String: Any]).keys) == [
          "temperature_c", "clock_hz", "clock_limit_hz", "throttle_bits",
        ])
    }
    #expect(json["soak_s"] as? Double == 0.1)
  }

  @Test func front_points_riseInWattsAndNoneBeatsAnother() throws {
    defer { clean() }
    let plot = folder + "/front.svg"
    let json = try object(
      Program.run([
        "bench", shop.model, "--front", "--board", "raspberry-pi-4b", "--plot", plot, "--json",
      ]), "swiftlet.front/1")
    #expect(json["source"] as? String == "modelled")
    let points = try #require(json["points"] as? [[String: Any]])
    #expect(points.count > 4)
    func number(_ i: Int, _ key: String) -> Double { points[i][key] as? Double ?? .nan }
    for i in 1..<points.count { #expect(number(i, "avg_w") >= number(i - 1, "avg_w")) }
    for i in points.indices {
      for k in points.indices where k != i {
        #expect(
          !(number(k, "fps") > number(i, "fps") && number(k, "avg_w") < number(i, "avg_w")
            && number(k, "accuracy_ratio") >= number(i, "accuracy_ratio")))
      }
    }
    let svg = try String(contentsOfFile: plot, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    #expect(svg.components(separatedBy: "<title>").count == points.count + 1)
    let two = try Program.run([
      "bench", shop.model, shop.model, "--front", "--board", "raspberry-pi-4b",
    ])
    #expect(two.code == 64 && two.error.contains("--accuracy"))
  }

  @Test func calibrate_file_isReadByTheGovernor() throws {
    defer { clean() }
    let file = folder + "/board.toml"
    let json = try object(
      Program.run(["calibrate", shop.model, "-o", file, "--time", "50ms", "-j", "1", "--json"]),
      "swiftlet.calibrate/1")
    let points = try #require(json["points"] as? [[String: Any]])
    #expect(points.count >= 1)
    #expect(
      Set(points[0].keys) == [
        "model", "bits", "threads", "clock_hz", "latency_s", "core_s", "modelled_s", "avg_w",
      ])
    let front = try object(
      Program.run(["bench", shop.model, "--front", "--calibration", file, "--json"]),
      "swiftlet.front/1")
    #expect(front["board"] as? String == json["board"] as? String)
    // Of another board.
    let other = try Program.run([
      "bench", shop.model, "--front", "--calibration", file, "--board", "jetson-nano",
    ])
    #expect(other.code == 78 && other.error.contains("CFG007"))
    for (damage, code) in [
      ("latency = 1", "latency = \"x\""), ("[[time]]", "[[tima]]"), ("bits = ", "bits = 9"),
      ("board = ", "board "),
    ] {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let bad = folder + "/bad.toml"
      try text.replacingOccurrences(of: damage, with: code)
        .write(toFile: bad, atomically: true, encoding: .utf8)
      if try String(contentsOfFile: bad, encoding: .utf8) == text { continue }
      let ended = try Program.run(["bench", shop.model, "--front", "--calibration", bad])
      #expect(ended.code == 78 && ended.error.contains("error[CFG"), "\(code): \(ended.error)")
    }
  }

  @Test func camera_budget_isToldInResultsAndSummary() throws {
    let ended = try Program.run([
      "camera", shop.model, "-c", "pan:" + shop.photo, "--framerate", "30", "-t", "2s",
      "--max-watts", "30W", "--board", "raspberry-pi-4b", "--json", "-q",
    ])
    #expect(ended.code == 0, "\(ended.error)")
    let lines = ended.out.split(separator: "\n")
    #expect(lines.count > 3)
    #expect(lines.first?.contains("\"mode\":\"") == true, "the operating point stands in a result")
    let budget = try #require(ended.json["budget"] as? [String: Any])
    #expect(
      Set(budget.keys) == [
        "board", "cap_w", "decisions", "sensor_readings", "modelled_decisions", "switches",
        "over_cap_s", "infeasible", "clock_refusals", "skipped",
      ])
    #expect((budget["decisions"] as? Int ?? 0) >= 6)
    #expect(budget["cap_w"] as? Double == 30)
    let energy = try #require(ended.json["energy"] as? [String: Any])
    #expect(Set(energy.keys) == ["j_per_frame", "avg_w", "source"])
  }

  @Test func budgets_thatMakeNoSense_areRefused() throws {
    let camera = ["camera", shop.model, "-c", "pan:" + shop.photo]
    for (flags, code, word) in [
      (["--max-watts", "3.2"], 64, "3.2W"), (["--battery", "20Wh"], 64, "--hours"),
      (["--min-accuracy", "0.7"], 64, "%"), (["--max-temp", "80"], 64, "80C"),
      (["--max-watts", "3W", "--board", "toaster"], 66, "toaster"),
      (["--signal", "gpio:LAMP"], 64, "LABEL"), (["--wake", "17"], 64, "gpio:"),
      ([shop.model], 64, "budget"),
    ] {
      let ended = try Program.run(camera + flags)
      #expect(ended.code == code && ended.error.contains(word), "\(flags): \(ended.error)")
    }
  }
}
