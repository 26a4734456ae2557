import Foundation
import Testing

/// The JSON of every command: keys change only with the schema's number.
struct SchemaTests {
  private let shop: Workshop

  init() throws { shop = try Workshop() }

  private func check(
    _ ended: Ended, _ schema: String, _ keys: Set<String>,
    _ place: SourceLocation = #_sourceLocation
  ) {
    #expect(ended.code == 0, "\(ended.error)", sourceLocation: place)
    for line in ended.out.split(separator: "\n") {
      #expect(line.hasPrefix("{\"schema\":\"swiftlet."), sourceLocation: place)
    }
    #expect(ended.json["schema"] as? String == schema, sourceLocation: place)
    #expect(Set(ended.json.keys) == keys.union(["schema"]), sourceLocation: place)
  }

  @Test func info_keys() throws {
    check(
      try Program.run(["info", "--json"]), "swiftlet.info/1",
      [
        "version", "architecture", "cpu", "cores", "board", "board_reason", "isa", "isa_reason",
        "kernel_sets",
      ])
    let effective = try Program.run(
      ["info", "--json", "--effective"], environment: ["SWIFTLET_ISA": "reference"])
    let settings = try #require(effective.json["settings"] as? [String: [String: Any]])
    #expect(settings["isa"]?["value"] as? String == "reference")
    #expect(settings["isa"]?["origin"] as? String == "environment")
    #expect(settings["threads"]?["origin"] as? String == "default")
  }

  @Test func verify_keys() throws {
    check(
      try Program.run(["verify", shop.model, "--json"]), "swiftlet.verify/1",
      ["file", "ok", "model", "model_hash", "file_bytes", "sections"])
  }

  @Test func inspect_keys() throws {
    let ended = try Program.run(["inspect", shop.model, "--json"])
    check(
      ended, "swiftlet.inspect/1",
      [
        "model", "file", "model_hash", "file_bytes", "weight_bytes", "parameter_bytes",
        "arena_bytes", "macs", "labels", "isa", "input", "outputs", "layers", "record", "dial",
        "gates", "gated_macs_ratio",
      ])
    let layers = try #require(ended.json["layers"] as? [[String: Any]])
    #expect(
      Set(layers[0].keys) == [
        "name", "operator", "shape", "bits", "weight_bytes", "macs", "kernel",
      ])
    let text = try Program.run(["inspect", shop.model]).out
    for layer in layers { #expect(text.contains(layer["name"] as? String ?? "?")) }
  }

  @Test func inspectBoard_keys_sumOfLayersIsTheNetwork() throws {
    let ended = try Program.run(
      ["inspect", shop.model, "--board", "raspberry-pi-4b", "--clock", "1500", "--json"])
    let modelled = try #require(ended.json["modelled"] as? [String: Any])
    #expect(
      Set(modelled.keys) == [
        "board", "core", "scheduling_model", "stall", "mhz", "source", "networks", "steps",
      ])
    #expect(modelled["source"] as? String == "modelled")
    #expect(modelled["mhz"] as? Int == 1500)
    let networks = try #require(modelled["networks"] as? [[String: Double]])
    #expect(networks.map { $0["threads"] } == [1, 2, 4])
    let steps = try #require(modelled["steps"] as? [[String: Any]])
    let sum = steps.reduce(0) { $0 + ($1["ms"] as? Double ?? .nan) }
    #expect(abs(sum - (networks[0]["ms"] ?? .nan)) < 1e-3)
    let text = try Program.run(["inspect", shop.model, "--board", "raspberry-pi-4b"]).out
    #expect(text.contains("modelled, not measured"))
    #expect(try Program.run(["inspect", shop.model, "--board", "toaster"]).code == 66)
  }

  @Test func bench_keys_andNumbers() throws {
    let ended = try Program.run(
      ["bench", shop.model, "-j", "2", "--time", "50ms", "--warmup", "0", "--json"])
    check(
      ended, "swiftlet.bench/1",
      [
        "ms", "isa", "threads", "macs", "load_ms", "plan_ms", "first_ms", "arena_bytes",
        "file_bytes", "rss_bytes", "model", "model_hash", "bits", "cpu", "frames", "time_s", "fps",
        "energy", "sustained",
      ])
    let ms = try #require(ended.json["ms"] as? [String: Double])
    #expect(Set(ms.keys) == ["p50", "p95", "p99", "min", "max"])
    let order = ["min", "p50", "p95", "p99", "max"].compactMap { ms[$0] }
    #expect(order == order.sorted())
    #expect(ended.json["threads"] as? Int == 2)
    #expect(ended.out.split(separator: "\n").count == 1)
  }

  @Test func profile_keys_everyStep() throws {
    let ended = try Program.run(
      ["bench", shop.model, "--time", "20ms", "--warmup", "0", "--json", "--profile"])
    let lines = ended.out.split(separator: "\n").map(String.init)
    #expect(lines.count == 2 && ended.code == 0)
    var profile = ended
    profile.out = lines[0]
    check(
      profile, "swiftlet.profile/1",
      [
        "model", "model_hash", "isa", "threads", "bits", "frames", "total_s", "peak_macs_per_s",
        "steps",
      ])
    let steps = try #require(profile.json["steps"] as? [[String: Any]])
    #expect(
      Set(steps[0].keys) == [
        "name", "operator", "shape", "kernel", "macs", "weight_bytes", "activation_bytes",
        "time_s", "peak_ratio",
      ])
  }

  @Test func run_keys_andTheSameBytesOnEverySet() throws {
    let wanted = try Program.run(["run", shop.model, shop.photo, "--json", "--isa", "reference"])
    check(
      wanted, "swiftlet.result/1",
      ["seq", "image", "model", "detections", "outputs", "output_crc32c"])
    let info = try Program.run(["info", "--json"]).json
    let sets = try #require(info["kernel_sets"] as? [[String: Any]])
    for set in sets where set["available"] as? Bool == true {
      let name = try #require(set["name"] as? String)
      for threads in ["1", "3"] {
        let got = try Program.run(
          ["run", shop.model, shop.photo, "--json", "--isa", name, "-j", threads])
        #expect(got.out == wanted.out, "\(name), \(threads) threads")
      }
    }
  }

  @Test func selftest_keys_andAllTheSame() throws {
    let ended = try Program.run(["selftest", shop.model, "--json"])
    check(ended, "swiftlet.selftest/1", ["model_hash", "ok", "runs"])
    #expect(ended.json["ok"] as? Bool == true)
  }

  @Test func camera_stdin_resultPerFrameAndSummary() throws {
    let ended = try Program.run(
      ["camera", shop.model, "-c", "-", "--framerate", "0", "--json", "-q"],
      input: Workshop.y4m(frames: 7))
    check(
      ended, "swiftlet.camera/1",
      [
        "camera", "model", "frames", "dropped", "time_s", "fps", "age_ms", "ms", "rss_bytes",
        "held", "first_pass",
      ])
    #expect(ended.json["frames"] as? Int == 7)
    #expect(ended.json["dropped"] as? Int == 0)
    var first = ended
    let lines = ended.out.split(separator: "\n").map(String.init)
    #expect(lines.count == 8)
    first.out = lines[0]
    let keys: Set = [
      "schema", "seq", "camera", "model", "t_mono_s", "t_wall", "age_s", "stages", "mode",
      "exit_level", "live_share", "gated", "detections", "outputs",
    ]
    #expect(Set(first.json.keys) == keys)
    let stages = try #require(first.json["stages"] as? [String: Double])
    #expect(Set(stages.keys) == ["capture_s", "convert_s", "infer_s", "post_s"])
    let age = try #require(first.json["age_s"] as? Double)
    #expect(age >= (stages["infer_s"] ?? 0))
    let wall = try #require(first.json["t_wall"] as? String)
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    let date = try #require(format.date(from: wall))
    #expect(abs(date.timeIntervalSinceNow) < 300)
  }

  @Test func camera_moreFramesThanTime_newestWins() throws {
    let file = shop.file("clip.y4m")
    try Workshop.y4m(frames: 400).write(to: URL(filePath: file))
    let ended = try Program.run(
      ["camera", shop.model, "-c", file, "--framerate", "100000", "--json", "-q"])
    let frames = try #require(ended.json["frames"] as? Int)
    let dropped = try #require(ended.json["dropped"] as? Int)
    #expect(frames > 0 && frames + dropped == 400)
    // The last result is the last frame.
    let lines = ended.out.split(separator: "\n")
    #expect(lines[lines.count - 2].contains("\"seq\":399,"))
  }

  @Test func camera_limits_endIt() throws {
    let few = try Program.run(
      ["camera", shop.model, "-c", "pan:" + shop.photo, "-n", "3", "--framerate", "200", "--json"])
    #expect(few.code == 0 && few.json["frames"] as? Int == 3)
    let short = try Program.run(
      ["camera", shop.model, "-c", "pan:" + shop.photo, "-t", "200ms", "--json"])
    #expect(short.code == 0 && short.json["schema"] as? String == "swiftlet.camera/1")
  }

  @Test func camera_interrupted_endsCleanlyWithTheSummary() throws {
    let ended = try Program.run(
      ["camera", shop.model, "-c", "pan:" + shop.photo], interruptAfter: 1.5)
    #expect(ended.code == 0 && !ended.isSignal, "\(ended.error)")
    #expect(ended.out.contains("frames in") && ended.out.contains("dropped"))
    #expect(ended.out.contains("p50") && ended.out.contains("p99"))
  }

  @Test func output_closedPipe_isNoSignal() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "{ \"$0\" \"$@\"; echo $? >&2; } | head -n 1", Program.url.path, "camera", shop.model,
      "-c", "pan:" + shop.photo, "--json", "--framerate", "200", "-t", "5s",
    ]
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.split(separator: "\n").last == "0", "\(text)")
  }
}
