import Foundation
import SwiftletWriter
import TestSupport
import Testing

/// The manners of `swiftlet camera` as a service.
@Suite(.serialized)
struct ServiceTests {
  private let shop: Workshop
  private var pan: [String] {
    ["camera", shop.model, "-c", "pan:" + shop.photo, "--framerate", "50"]
  }

  init() throws { shop = try Workshop() }

  private func lines(_ path: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// The `model` of the newest result in a file.
  private func model(_ path: String) -> String? {
    guard let last = lines(path).last else { return nil }
    let object = try? JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
    return object?["model"] as? String
  }

  // MARK: the end

  /// A busy machine may be late once, but not three times.
  private func endsWithinASecond(
    _ words: [String], send: Data, until isReady: (ServiceProcess) -> Bool
  ) throws -> Bool {
    for _ in 0..<3 {
      let service = try ServiceProcess(words)
      if !send.isEmpty { service.send(send) }
      #expect(service.wait { isReady(service) })
      let (code, time) = service.end()
      #expect(code == 0, "\(service.error)")
      if time <= 1 { return true }
    }
    return false
  }

  @Test func terminate_cameraThatNeverSpoke_endsWithinASecond() throws {
    let words = ["camera", shop.model, "-c", "-", "--json"]
    // Nothing tells that it waits for its first byte: its threads do.
    #expect(
      try endsWithinASecond(words, send: Data()) { service in
        let tasks = "/proc/\(service.id)/task"
        return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).count > 1
      })
  }

  @Test func terminate_cameraThatFellSilent_endsWithinASecondWithTheSummary() throws {
    let output = shop.file("silent.jsonl")
    let words = ["camera", shop.model, "-c", "-", "--json", "-q", "-o", output]
    #expect(
      try endsWithinASecond(words, send: Workshop.y4m(frames: 1)) { $0.out.contains("\"seq\":0") })
    #expect(lines(output).count >= 1)
  }

  @Test func terminate_stdoutStuck_framesGoOnAndItEndsWithinASecond() throws {
    let output = shop.file("stuck.jsonl")
    for attempt in 0..<3 {
      // Nobody reads the pipe.
      let pipe = Pipe()
      let service = try ServiceProcess(
        pan + ["--framerate", "2000", "--json", "-q", "-o", output],
        stdout: pipe.fileHandleForWriting)
      // 64 KiB of pipe are full after a few hundred lines.
      #expect(service.wait { lines(output).count > 400 * (attempt + 1) }, "stdout holds it up")
      let (code, time) = service.end()
      #expect(code == 0)
      withExtendedLifetime(pipe) {}
      if time <= 1 { return }
    }
    Issue.record("three times more than a second")
  }

  // MARK: the file of results

  @Test func output_file_holdsWhatStdoutHolds() throws {
    let output = shop.file("both.jsonl")
    let ended = try Program.run(
      ["camera", shop.model, "-c", "-", "--framerate", "0", "--json", "-q", "-o", output],
      input: Workshop.y4m(frames: 20))
    let stdout = ended.out.split(separator: "\n").dropLast().map(String.init)
    #expect(stdout.count == 20 && lines(output) == stdout)
    // Without --json the file is the same kind; stdout is for people.
    let text = try Program.run(
      ["camera", shop.model, "-c", "-", "--framerate", "0", "-q", "--output", output],
      input: Workshop.y4m(frames: 3))
    #expect(text.code == 0 && text.out.contains("3 frames in"))
    #expect(lines(output).count == 23, "a second run adds")
    let dash = try Program.run(
      ["camera", shop.model, "-c", "-", "--framerate", "0", "-q", "-o", "-"],
      input: Workshop.y4m(frames: 3))
    #expect(dash.out.split(separator: "\n").count == 4)
  }

  @Test func output_diskFull_resultsGoOnAndOneWarningTells() throws {
    let ended = try Program.run(
      ["camera", shop.model, "-c", "-", "--framerate", "0", "--json", "-q", "-o", "/dev/full"],
      input: Workshop.y4m(frames: 200))
    #expect(ended.code == 0 && ended.json["frames"] as? Int == 200)
    let warnings = ended.error.split(separator: "\n")
    #expect(warnings.count == 1 && ended.errorJSON["code"] as? String == "SYS003", "\(warnings)")
    #expect(ended.errorJSON["found"] as? String == "ENOSPC")
  }

  @Test func output_wrongPlaceOrSize_isRefusedAtTheStart() throws {
    let folder = try Program.run(pan + ["-o", "/none/at/all.jsonl", "-n", "1"])
    #expect(folder.code == 73 && folder.error.contains("ENOENT"))
    let small = try Program.run(pan + ["-o", shop.file("x"), "--max-output", "1KiB", "-n", "1"])
    #expect(small.code == 64 && small.error.contains("256KiB"))
    let kind = try Program.run(pan + ["-o", shop.photo, "-n", "1"])
    #expect(kind.code == 73 && kind.error.contains("something else"))
  }

  // MARK: signals

  @Test func hangup_newModel_takesOverAndABadOneIsRefused() throws {
    let output = shop.file("reload.jsonl")
    let service = try ServiceProcess(pan + ["-q", "--output", output])
    #expect(service.wait { model(output) != nil })
    let first = model(output)

    // A file of another network takes its place by renaming, as an update does.
    let other = try Data(ModelWriter.write(TinyNetworks.single(.add)))
    try other.write(to: URL(filePath: shop.model), options: .atomic)
    service.signal(SIGHUP)
    #expect(service.wait { model(output) != first }, "\(service.error)")
    let second = model(output)
    #expect(service.error.isEmpty)

    // A damaged one: its weights do not fit their checksum.
    var bad = other
    bad[bad.count - 5] ^= 1
    for damaged in [bad, other.prefix(other.count / 2), Data("no model".utf8)] {
      let before = service.error
      try damaged.write(to: URL(filePath: shop.model), options: .atomic)
      service.signal(SIGHUP)
      #expect(service.wait { service.error != before }, "a refusal is told")
      #expect(service.wait { service.error.hasSuffix("\n") })
      let count = lines(output).count
      #expect(service.wait { lines(output).count > count + 5 }, "the old one goes on")
      #expect(model(output) == second)
    }
    #expect(service.error.components(separatedBy: "error[").count == 4, "\(service.error)")
    #expect(service.end().code == 0)
  }

  @Test func hangup_outputRenamedAway_isOpenedAnew() throws {
    let output = shop.file("rotated.jsonl")
    let service = try ServiceProcess(pan + ["-q", "--output", output, "--max-output", "0"])
    #expect(service.wait { lines(output).count > 3 })
    let moved = shop.file("rotated.jsonl.old")
    try FileManager.default.moveItem(atPath: output, toPath: moved)
    service.signal(SIGHUP)
    #expect(service.wait { lines(output).count > 3 })
    #expect(service.end().code == 0)
    // No line is lost or torn between both.
    var numbers: [Int] = []
    for line in lines(moved) + lines(output) {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      numbers.append(try #require(object?["seq"] as? Int))
    }
    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
  }

  @Test func user1_anyTime_printsOneLine() throws {
    let output = shop.file("stats.jsonl")
    let service = try ServiceProcess(pan + ["-q", "--json", "--output", output])
    #expect(service.wait { lines(output).count > 3 })
    for count in 1...2 {
      service.signal(SIGUSR1)
      #expect(service.wait { lines(service.errorPath).count == count })
    }
    let object = try JSONSerialization.jsonObject(with: Data(lines(service.errorPath)[0].utf8))
    let stats = try #require(object as? [String: Any])
    #expect(
      Set(stats.keys) == [
        "schema", "frames", "dropped", "time_s", "fps", "age_ms", "ms", "reloads",
        "stdout_dropped", "output_written", "output_dropped", "rss_bytes",
      ])
    #expect(stats["schema"] as? String == "swiftlet.stats/1")
    #expect(stats["output_dropped"] as? Int == 0 && (stats["frames"] as? Int ?? 0) > 3)
    #expect(service.end().code == 0)
  }

  // MARK: systemd

  @Test(arguments: [false, true])
  func notify_wholeLife_messagesComeInOrder(_ isAbstract: Bool) throws {
    let socket = try NotifySocket(
      isAbstract ? "@swiftlet-test-\(UUID())" : shop.file("notify"))
    let service = try ServiceProcess(
      pan + ["-q", "-o", shop.file("n.jsonl")],
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "400000"])
    let start = try socket.messages { $0 == "READY=1" }
    #expect(!start.contains { $0 == "WATCHDOG=1" }, "no ping before the first result")
    var seen = Set<String>()
    let running = try socket.messages { message in
      seen.insert(String(message.prefix(7)))
      return seen.isSuperset(of: ["STATUS=", "WATCHDO"])
    }
    let status = try #require((start + running).first { $0.hasPrefix("STATUS=") })
    #expect(status.contains("frames/s") && !status.contains("\n"))
    service.signal(SIGHUP)
    var reload = try socket.messages { $0.hasPrefix("RELOADING=1") }
    let time = try #require(reload.last?.split(separator: "\n").last)
    #expect(time.hasPrefix("MONOTONIC_USEC=") && (Int(time.dropFirst(15)) ?? 0) > 0)
    #expect(!reload.contains("READY=1"), "ready once")
    reload = try socket.messages { $0 == "READY=1" }
    #expect(reload.count == 1, "nothing comes between")
    #expect(service.end().code == 0)
    let end = try socket.messages { $0 == "STOPPING=1" }
    #expect(!end.contains("READY=1"))
  }

  @Test func notify_cameraHangs_getsNoPing() throws {
    let socket = try NotifySocket(shop.file("hung"))
    let service = try ServiceProcess(
      ["camera", shop.model, "-c", "-", "-q"],
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "200000"])
    service.send(Workshop.y4m(frames: 1))
    _ = try socket.messages { $0 == "READY=1" }
    // Three seconds of silence, as the status lines count them.
    var statuses = 0
    let silent = try socket.messages { message in
      if message.hasPrefix("STATUS=") { statuses += 1 }
      return statuses == 3
    }
    #expect(silent.filter { $0 == "WATCHDOG=1" }.count == 1, "one result, one ping")
    #expect(service.end().code == 0)
  }

  @Test func notify_watchdogOfAnotherProcess_isNotFed() throws {
    let socket = try NotifySocket(shop.file("other"))
    let service = try ServiceProcess(
      pan + ["-q"],
      environment: [
        "NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1",
      ])
    let messages = try socket.messages { $0.hasPrefix("STATUS=") }
    #expect(messages.contains("READY=1") && !messages.contains("WATCHDOG=1"))
    #expect(service.end().code == 0)
  }
}
