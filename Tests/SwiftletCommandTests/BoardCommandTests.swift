import Foundation
import Testing

/// info --board and doctor as a user calls them.
struct BoardCommandTests {
  @Test func infoBoard_name_keys() throws {
    let json = try Program.run(["info", "--board", "raspberry-pi-4b", "--json"]).json
    #expect(json["schema"] as? String == "swiftlet.board/1")
    #expect(json["name"] as? String == "raspberry-pi-4b")
    let power = try #require(json["power"] as? [String: Any])
    #expect(power["base_w"] as? Double == 1.75)
    #expect((json["clusters"] as? [Any])?.count == 1)
  }

  @Test func infoBoard_everyName_isPrinted() throws {
    for name in ["host", "generic-arm64", "jetson-agx-xavier", "raspberry-pi-zero-2w"] {
      let ended = try Program.run(["info", "--board", name])
      #expect(ended.code == 0 && ended.out.contains("board      \(name), "))
    }
  }

  @Test func infoBoard_unknownName_suggests() throws {
    let ended = try Program.run(["info", "--board", "raspberry-pi-4"])
    #expect(ended.code == 66 && ended.error.contains("CFG010"))
    #expect(ended.error.contains("raspberry-pi-4b"))
  }

  @Test func infoBoard_wrongFile_tellsAll() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "wrong-\(UUID()).toml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("name = 3\n[powr]\nbase_w = 1\n".utf8).write(to: file)
    let ended = try Program.run(["info", "--board", file.path])
    #expect(ended.code == 78 && ended.out.isEmpty)
    #expect(ended.error.contains("CFG004") && ended.error.contains(":1: name"))
    #expect(ended.error.contains("CFG002") && ended.error.contains(":2: powr"))
    #expect(ended.error.contains("CFG003"))
  }

  @Test func doctor_keysAndExitCode() throws {
    let ended = try Program.run(["doctor", "--json"])
    #expect(ended.json["schema"] as? String == "swiftlet.doctor/1")
    let checks = try #require(ended.json["checks"] as? [[String: Any]])
    let states = checks.compactMap { $0["state"] as? String }
    #expect(states.count == checks.count && checks.count >= 8)
    #expect(ended.json["ok"] as? Bool == !states.contains("missing"))
    #expect(ended.code == (states.contains("missing") ? 10 : 0))
    for check in checks where check["state"] as? String != "ok" {
      #expect((check["help"] as? String)?.isEmpty == false)
    }
  }
}
