import Foundation
import Swiftlet
import SwiftletCommand
import SwiftletCore
import SwiftletPower
import SwiftletWriter
import Testing

/// `bench --prune-curve` on a file with steps made for it. Times are not looked at.
struct PruneCurveTests {
  /// A copy of the package's network with a pass of 160 pixels first, sure of less and less.
  private static func network(in folder: URL) throws -> String {
    let model = try Model(
      mapping: SequencePhotos.root.appending(path: "models/efficientnet-lite0-4bit.swlt").path)
    var rows: [PruneRow] = []
    for (dial, margin, cost) in [(100, 36.0, 0.95), (400, 16, 0.8), (1000, 0, 0.6)] {
      var row = PruneRow()
      row.dial = dial
      row.margin = Float(margin)
      row.cost = Float(cost)
      row.resolution = 160
      row.bits = 4
      row.agreement = 0.9
      row.firstCost = 0.5
      row.escalated = 0.5
      row.photos = 100
      rows.append(row)
    }
    let path = folder.appending(path: "dial.swlt").path
    try Data(ModelWriter.file(model.contents, pruneRows: rows)).write(to: URL(filePath: path))
    return path
  }

  private static func curve(_ photos: [String]) throws -> [String: Any] {
    let folder = try Program.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let curve = try PruneCurve(
      try network(in: folder), first: nil, photos: photos,
      board: try BoardProfiles.named("raspberry-pi-4b"), frames: 24, rounds: 1)
    let object = try JSONSerialization.jsonObject(with: Data(curve.json().string.utf8))
    return try #require(object as? [String: Any])
  }

  private static func numbers(_ points: [[String: Any]], _ key: String) -> [Double] {
    points.map { ($0[key] as? NSNumber)?.doubleValue ?? .nan }
  }

  @Test func curve_keysAndShares_areSound() throws {
    // A few photos of the data where they are, else the package's own.
    let photos = Array(SequencePhotos.photos("eval").prefix(8)) + [SequencePhotos.cat]
    let json = try Self.curve(photos)
    #expect(json["schema"] as? String == "swiftlet.prune-curve/1")
    #expect(
      Set(json.keys) == [
        "schema", "model", "model_hash", "first", "board", "energy_source", "images", "photos",
        "sequences",
      ])
    #expect(json["energy_source"] as? String == "modelled")
    #expect(json["images"] as? Int == photos.count)

    let points = try #require(json["photos"] as? [[String: Any]])
    #expect(
      Set(points[0].keys) == [
        "prune", "way", "agreement_ratio", "time_ratio", "p95_time_ratio", "mean_s",
        "full_pass_ratio", "live_share", "j_per_frame", "refused",
      ])
    #expect(Self.numbers(points, "prune") == [0, 0.1, 0.4, 1])
    let agreement = Self.numbers(points, "agreement_ratio")
    #expect(agreement[0] == 1, "dial 0 is the full pass")
    #expect(agreement.allSatisfy { (0...1).contains($0) })
    #expect(points[0]["full_pass_ratio"] is NSNull)
    let full = Self.numbers(Array(points.dropFirst()), "full_pass_ratio")
    #expect(full == full.sorted(by: >), "less is looked at twice as the dial rises")
    #expect(full[2] == 0, "the last step never needs the full pass")
    // Energy follows the share of full passes alone.
    let joules = Self.numbers(Array(points.dropFirst()), "j_per_frame")
    #expect(joules == joules.sorted(by: >))
    #expect(joules[2] < Self.numbers(points, "j_per_frame")[0])
  }

  @Test func sequences_everyKind_countsAreSound() throws {
    let photos = Array(SequencePhotos.photos("demo").prefix(1)) + [SequencePhotos.cat]
    let json = try Self.curve(photos)
    let points = try #require(json["sequences"] as? [[String: Any]])
    #expect(
      Set(points[0].keys) == [
        "sequence", "prune", "frames", "agreement_ratio", "held_ratio", "wrong_holds",
        "first_pass_ratio", "full_pass_ratio", "time_ratio", "mean_s", "j_per_frame",
        "full_j_per_frame", "slower",
      ])
    let names = points.map { $0["sequence"] as? String ?? "?" }
    #expect(Set(names) == ["still", "object", "pan", "cut", "drift"])
    for (point, name) in zip(points, names) {
      let dial = Self.numbers([point], "prune")[0]
      let held = Self.numbers([point], "held_ratio")[0]
      let full = Self.numbers([point], "full_pass_ratio")[0]
      // A cut from a photo to itself is none.
      if name != "cut" || photos.count > 1 {
        #expect(Self.numbers([point], "wrong_holds")[0] == 0, "\(name) \(dial)")
      }
      if dial == 0 {
        #expect(Self.numbers([point], "agreement_ratio")[0] == 1, "\(name)")
        #expect(held == 0, "noise makes every frame differ")
        #expect(full == 1, "\(name)")
      } else if name == "still" {
        #expect(held > 0.3)
        let joules = Self.numbers([point], "j_per_frame")[0]
        #expect(joules < Self.numbers([point], "full_j_per_frame")[0])
      }
      if name == "pan" { #expect(held == 0, "every frame shows something else") }
      if dial == 1 { #expect(full == 0) }
    }
  }

  @Test func command_badWords_areTold() throws {
    let model = SequencePhotos.root.appending(path: "models/efficientnet-lite0-4bit.swlt").path
    let folder = (SequencePhotos.cat as NSString).deletingLastPathComponent
    let two = try Program.run(["bench", model, model, "--prune-curve", "--images", folder])
    #expect(two.code == 64, "\(two.error)")
    #expect(try Program.run(["bench", model, "--prune-curve"]).code == 64)
    let wrong = try Program.run(
      ["bench", model, "--prune-curve", "--images", folder, "--board", "toaster", "--json"])
    #expect(wrong.code == 66)
    #expect(wrong.errorJSON["schema"] as? String == "swiftlet.error/1")
  }
}
