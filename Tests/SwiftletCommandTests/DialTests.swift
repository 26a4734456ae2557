import Foundation
import SwiftletCommand
import SwiftletCore
import SwiftletWriter
import TestSupport
import Testing

/// The pruning dial from measuring to running, on a tiny classifier.
struct DialTests {
  private let shop: Workshop
  private var full: String { shop.file("full.swlt") }
  private var small: String { shop.file("small.swlt") }

  init() throws {
    shop = try Workshop()
    try Data(ModelWriter.write(TinyNetworks.classifier(side: 96, channels: 64)))
      .write(to: URL(filePath: full))
    try Data(ModelWriter.write(TinyNetworks.classifier(side: 32, format: .code4)))
      .write(to: URL(filePath: small))
  }

  // MARK: from samples to rows

  @Test func rows_keepTheirFloor_withTheFewestFullPasses() throws {
    var random = SplitMix64(seed: 11)
    let samples = (0..<300).map { _ in
      let margin = Float(random.below(60)) / 4
      // Surer answers agree more often.
      return PassSample(margin: margin, agrees: random.below(60) < 30 + Int(3 * margin))
    }
    var like = PruneRow()
    like.bits = 4
    let rows = DialFit.rows(samples, firstCost: 0.2, like: like)
    #expect(rows.count > 5)
    for row in rows {
      let kept = samples.filter { $0.margin >= row.margin }
      let wrong = kept.filter { !$0.agrees }.count
      let bound = Double(wrong + 1) / Double(samples.count + 1)
      let floor = try #require(DialFit.floors.first { $0.dial == row.dial }).agreement
      #expect(bound <= 1 - floor || floor == 0)
      #expect(abs(Double(row.agreement) - (1 - bound)) < 1e-6)
      #expect(row.escalated == Float(samples.count - kept.count) / Float(samples.count))
      #expect(abs(row.cost - 0.2 - row.escalated) < 1e-6 && row.cost <= 0.97)
      // A smaller margin would break the floor.
      let lower = samples.map(\.margin).filter { $0 < row.margin }.max()
      if let lower, floor > 0 {
        let more = samples.filter { $0.margin >= lower && !$0.agrees }.count
        #expect(Double(more + 1) / Double(samples.count + 1) > 1 - floor)
      }
    }
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.cost > $1.cost && $0.dial < $1.dial })
    #expect(DialFit.rows(samples, firstCost: 0.98, like: like).isEmpty)
  }

  // MARK: commands

  /// Rows that send about half of all pictures through the full pass.
  private func writeRows(margin: Float) throws {
    let bytes = AlignedBytes(try Data(contentsOf: URL(filePath: full)).map { $0 })
    let model = try ModelVerifier.verify(bytes: bytes.bytes, name: full)
    let smallBytes = AlignedBytes(try Data(contentsOf: URL(filePath: small)).map { $0 })
    let first = try ModelVerifier.verify(bytes: smallBytes.bytes, name: small)
    var own = TinyNetworks.pruneRow(.ownPass, dial: 200, cost: 0.8)
    own.resolution = 48
    own.margin = margin
    var all = own
    all.dial = 1000
    all.margin = 0
    all.cost = 0.5
    var other = TinyNetworks.pruneRow(
      .otherFile, dial: 200, cost: 0.8, partner: first.headerChecksum)
    other.margin = margin
    try Data(ModelWriter.file(model, pruneRows: [own, all, other])).write(to: URL(filePath: full))
  }

  @Test func run_pruned_saysWhichPassAnswered_andIsTheSameOnEverySet() throws {
    try writeRows(margin: .greatestFiniteMagnitude)
    let plain = try Program.run(["run", full, shop.photo, "--json"])
    for dial in [["--prune", "0.2"], ["--first", small]] {
      let words = ["run", full, shop.photo, "--json"] + dial
      let ended = try Program.run(words)
      #expect(ended.code == 0, "\(ended.error)")
      #expect(ended.json["exit_level"] as? Int == 1)
      #expect(ended.json["output_crc32c"] as? String == plain.json["output_crc32c"] as? String)
    }
    try writeRows(margin: 0)
    for dial in [["--prune", "1"], ["--first", small]] {
      var hashes: Set<String> = []
      for isa in ["reference", "avx2", "avx512vnni", "neon", "neondot"] {
        let ended = try Program.run(["run", full, shop.photo, "--json", "--isa", isa] + dial)
        // A set that this machine lacks.
        if ended.code != 0 { continue }
        #expect(ended.json["exit_level"] as? Int == 0)
        hashes.insert(ended.json["output_crc32c"] as? String ?? "")
      }
      #expect(hashes.count == 1 && !hashes.contains(plain.json["output_crc32c"] as? String ?? ""))
    }
  }

  @Test func prune_belowTheFirstRow_runsInFullAndSaysSo() throws {
    try writeRows(margin: 0)
    let plain = try Program.run(["run", full, shop.photo, "--json"])
    let ended = try Program.run(["run", full, shop.photo, "--json", "--prune", "0.1"])
    #expect(ended.error.contains("0.2"))
    #expect(ended.json["output_crc32c"] as? String == plain.json["output_crc32c"] as? String)
  }

  @Test func prune_withoutRows_namesTheCure() throws {
    for words in [["--prune", "0.5"], ["--first", small]] {
      let ended = try Program.run(["run", full, shop.photo] + words)
      #expect(ended.code == 65 && ended.error.contains("MDL023"))
      #expect(ended.error.contains("swiftlet calibrate"))
    }
    try writeRows(margin: 0)
    let detector = try Program.run(
      ["run", full, shop.photo, "--first", shop.model])
    #expect(detector.code == 65 && detector.error.contains("MDL023"))
    let coarse = try Program.run(["run", full, shop.photo, "--prune", "0.5", "--bits", "4"])
    #expect(coarse.code == 65 && coarse.error.contains("--bits"))
    // A network that does not classify runs: only whole frames can be left out.
    #expect(try Program.run(["run", shop.model, shop.photo, "--prune", "0.5"]).code == 0)
    let auto = try Program.run(["run", full, shop.photo, "--prune", "auto"])
    #expect(auto.code == 64 && auto.error.contains("--max-watts"))
    for value in ["1.5", "-1", "much"] {
      let ended = try Program.run(["run", full, shop.photo, "--prune", value])
      #expect(ended.code == 64 && ended.error.contains("USE003"))
    }
  }

  @Test func calibrate_images_writesRowsThatRunUses() throws {
    let photos = shop.folder.appending(path: "photos")
    try FileManager.default.createDirectory(at: photos, withIntermediateDirectories: true)
    for i in 0..<6 {
      try FileManager.default.copyItem(
        atPath: shop.photo, toPath: photos.appending(path: "\(i).png").path)
    }
    for words in [[String](), ["--first", small]] {
      let ended = try Program.run(
        ["calibrate", full, "--images", photos.path, "--json", "-q"] + words)
      #expect(ended.code == 0, "\(ended.error)")
      #expect(ended.json["schema"] as? String == "swiftlet.dial/1")
      let dial = try #require(ended.json["dial"] as? [[String: Any]])
      let kept = try #require(
        try Program.run(["inspect", full, "--json"]).json["dial"] as? [[String: Any]])
      #expect(kept.count >= dial.count)
      for row in dial {
        #expect(
          Set(row.keys) == [
            "prune", "way", "resolution", "bits", "agreement_ratio", "time_ratio",
            "first_time_ratio", "full_pass_ratio", "margin", "shift", "photos",
          ])
        #expect(row["photos"] as? Int == 24)
      }
    }
    #expect(try Program.run(["verify", full]).code == 0)
    // A network that does not classify has nothing to say.
    let none = try Program.run(
      ["calibrate", shop.model, "--images", photos.path, "--json", "-q"])
    #expect(none.code == 0 && (none.json["dial"] as? [Any])?.isEmpty == true)
  }

  @Test func camera_framesThatRepeat_areHeld() throws {
    let frames = Workshop.y4m(frames: 1) + Workshop.y4m(frames: 3).dropFirst(41)
    let ended = try Program.run(
      ["camera", full, "-c", "-", "--framerate", "0", "--json", "-q"], input: frames)
    #expect(ended.code == 0, "\(ended.error)")
    let lines = ended.out.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }.filter { $0["schema"] as? String == "swiftlet.result/1" }
    #expect(lines.map { $0["gated"] as? Bool } == [false, true, false, false])
    let first = lines.map { line in
      (line["detections"] as? [[String: Any]] ?? []).map {
        "\($0["label"] ?? ""), \($0["score"] ?? "")"
      }
    }
    #expect(first[0] == first[1])
  }
}
