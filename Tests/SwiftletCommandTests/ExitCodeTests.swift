import Foundation
import Testing

/// What the built program says and how it ends when something is wrong.
struct ExitCodeTests {
  @Test func noWords_isHelp() throws {
    let ended = try Program.run([])
    #expect(ended.code == 0 && ended.out.contains("Commands") && ended.error.isEmpty)
  }

  @Test func version_isOneLine() throws {
    let ended = try Program.run(["-V"])
    #expect(ended.code == 0 && ended.out.hasPrefix("swiftlet ") && ended.out.hasSuffix("\n"))
  }

  @Test func usage_wrong_is64WithCodeAndHelp() throws {
    let cases: [(words: [String], code: String, hint: String)] = [
      (["rnu"], "USE005", "did you mean run?"),
      (["bench", "a", "--thread", "2"], "USE001", "did you mean --threads?"),
      (["bench", "a", "--time", "30"], "USE003", "such as 30s"),
      (["bench", "a", "-j"], "USE002", "swiftlet: error"),
      (["bench"], "USE004", "NET.swlt"),
      (["bench", "a", "b"], "USE006", "found b"),
      (["info", "--isa", "mmx"], "USE003", "reference"),
    ]
    for (words, code, hint) in cases {
      let ended = try Program.run(words)
      #expect(ended.code == 64 && !ended.isSignal, "\(words)")
      #expect(ended.out.isEmpty)
      #expect(ended.error.hasPrefix("swiftlet: error[\(code)]: "), "\(ended.error)")
      #expect(ended.error.contains("\nhelp: "))
      #expect(ended.error.contains(hint), "\(ended.error)")
    }
  }

  @Test func file_missing_is66() throws {
    for words in [["inspect", "none.swlt"], ["run", "none.swlt", "a.jpg"]] {
      let ended = try Program.run(words)
      #expect(ended.code == 66)
      #expect(ended.error.contains("error[SYS001]") && ended.error.contains("none.swlt"))
      #expect(ended.error.contains("ENOENT"))
    }
    let shop = try Workshop()
    let photo = try Program.run(["run", shop.model, "none.jpg"])
    #expect(photo.code == 66 && photo.error.contains("none.jpg"))
    let camera = try Program.run(["camera", shop.model, "-c", "/none/at/all"])
    #expect(camera.code == 66 && camera.error.contains("error[CAM001]"))
  }

  @Test func file_noModel_is65AndNamesTheCure() throws {
    let shop = try Workshop()
    let ended = try Program.run(["verify", shop.photo])
    #expect(ended.code == 65)
    #expect(ended.error.contains("error[MDL001]") && ended.error.contains("quantize"))
  }

  /// Each byte of the head and some of the rest flipped: refused or sound, never a signal.
  @Test func model_damaged_neverEndsInASignal() throws {
    let shop = try Workshop()
    let whole = try Data(contentsOf: URL(filePath: shop.model))
    let broken = shop.file("broken.swlt")
    var refused = 0
    for place in Array(stride(from: 0, to: 64, by: 5))
      + Array(stride(from: 64, to: whole.count, by: 997))
    {
      var bytes = whole
      bytes[place] ^= 0x40
      try bytes.write(to: URL(filePath: broken))
      let ended = try Program.run(["verify", broken, "--json"])
      #expect(!ended.isSignal, "byte \(place)")
      #expect(ended.code == 65 || ended.code == 0, "byte \(place): \(ended.error)")
      if ended.code == 65 {
        refused += 1
        #expect(ended.errorJSON["schema"] as? String == "swiftlet.error/1")
        #expect((ended.errorJSON["code"] as? String)?.hasPrefix("MDL") == true)
      }
    }
    #expect(refused > 10)
    try whole.prefix(whole.count / 2).write(to: URL(filePath: broken))
    let short = try Program.run(["run", broken, shop.photo])
    #expect(short.code == 65 && short.error.contains("MDL003"))
  }

  @Test func errorJSON_hasItsKeys() throws {
    let ended = try Program.run(["bench", "none.swlt", "--json"])
    #expect(ended.out.isEmpty)
    #expect(ended.error.hasPrefix("{\"schema\":\"swiftlet.error/1\","))
    let keys: Set = [
      "schema", "code", "message", "place", "expected", "found", "help", "exit_code",
    ]
    #expect(Set(ended.errorJSON.keys) == keys)
    #expect(ended.errorJSON["exit_code"] as? Int == 66)
  }

  @Test func hostCommands_wrongInput_tellWhat() throws {
    let shop = try Workshop()
    let folder = shop.folder.path
    let quantize = try Program.run(
      ["quantize", shop.photo, "-o", shop.file("x.swlt"), "--calibrate", folder])
    #expect(quantize.code == 65 && quantize.error.contains("error[OPS"), "\(quantize.error)")
    let lacks = try Program.run(["quantize", "a.onnx", "-o", "x.swlt"])
    #expect(lacks.code == 64 && lacks.error.contains("--calibrate DIR"))
    let nowhere = try Program.run(
      ["quantize", "a.onnx", "-o", "/none/x.swlt", "--calibrate", folder])
    #expect(nowhere.code == 73 && nowhere.error.contains("/none"))
    try Data("cat.jpg,tabby\nbad line\n".utf8).write(to: URL(filePath: shop.file("labels.csv")))
    let eval = try Program.run(
      ["eval", shop.model, "--images", folder, "--labels", shop.file("labels.csv")])
    #expect(eval.code == 65 && eval.error.contains("labels.csv:2"), "\(eval.error)")
  }
}
