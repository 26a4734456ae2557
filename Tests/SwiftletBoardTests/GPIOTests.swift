import CFakeKernel
import Foundation
import SwiftletBoard
import SwiftletCore
import Testing

/// Lines on imitated chips. Serialised: the fake kernel remembers the last line it gave away.
@Suite(.serialized) struct GPIOTests {
  private func tree() throws -> Tree {
    let tree = try Tree()
    try tree.put("dev/gpiochip0", "v2\nSDA1 used\nLOCKED denied\nBROKEN broken\n- free\n")
    try tree.put("dev/gpiochip2", "v2\nGPIO17 free\nGPIO27 free\n")
    try tree.put("dev/gpiochip10", "v2\nGPIO17 used\n")
    return tree
  }

  private func argument(_ text: String, labels: Bool = false) throws -> GPIOArgument {
    try GPIOArgument(text, flag: "--wake", takesLabels: labels)
  }

  @Test func wake_input_isAskedForEdgesDebounceAndBias() throws {
    let tree = try tree()
    var wake = try WakeInput(
      argument("gpio:GPIO27,active-low,pull-up,debounce=35"), root: tree.root)
    let asked = fake_last_request()
    // INPUT 4, ACTIVE_LOW 2, EDGE_RISING 16, PULL_UP 256: Documentation/userspace-api/gpio.
    #expect(asked.flags == 4 | 2 | 16 | 256)
    #expect(asked.debounce_us == 35_000 && asked.values == -1 && asked.offset == 1)
    #expect(withUnsafeBytes(of: asked.consumer) { $0.starts(with: Array("swiftlet\0".utf8)) })
    #expect(try wake.wait(seconds: 0.01) == nil, "nothing happened")
    fake_edge(1_500_000_000)
    fake_edge(2_500_000_000)
    #expect(try wake.wait(seconds: 10) == 1.5)
    #expect(try wake.wait(seconds: -1) == 2.5)
    fake_edge(3)
    wake.forget()
    #expect(try wake.wait(seconds: 0) == nil)
    let isActive = wake.isActive
    #expect(isActive)
    fake_unplug()
    #expect(code { _ = try wake.wait(seconds: 10) } == .gpioFailed)
  }

  @Test func wake_byChipAndOffset_findsTheUnnamedLine() throws {
    let tree = try tree()
    _ = try WakeInput(argument("gpio:gpiochip0:3"), root: tree.root)
    #expect(fake_last_request().offset == 3 && fake_last_request().flags == 4 | 16)
    _ = try WakeInput(argument("gpio:2:0,debounce=0"), root: tree.root)
    #expect(fake_last_request().offset == 0 && fake_last_request().debounce_us == 0)
  }

  @Test func wake_sameNameTwice_takesTheLowerChip() throws {
    let tree = try tree()
    _ = try WakeInput(argument("gpio:GPIO17"), root: tree.root)
    #expect(fake_last_request().offset == 0)
  }

  @Test func lines_thatCannotBeTaken_giveTypedErrors() throws {
    let tree = try tree()
    func open(_ text: String) -> SwiftletError? {
      do {
        _ = try WakeInput(argument(text), root: tree.root)
        return nil
      } catch { return error as? SwiftletError }
    }
    let missing = open("gpio:GPIO4")
    #expect(missing?.code == .gpioNoLine)
    #expect(missing?.expected == "SDA1 LOCKED BROKEN GPIO17 GPIO27 GPIO17")
    #expect(open("gpio:0:9")?.code == .gpioNoLine)
    let busy = open("gpio:SDA1")
    #expect(busy?.code == .gpioBusy && busy?.found == "led0")
    #expect(open("gpio:LOCKED")?.code == .gpioDenied)
    #expect(open("gpio:BROKEN")?.code == .gpioFailed)
    let old = try Tree([("dev/gpiochip0", "v1\nGPIO17 free\n")])
    #expect(
      code { _ = try WakeInput(argument("gpio:GPIO17"), root: old.root) } == .gpioUnsupported)
    let none = try Tree()
    #expect(code { _ = try WakeInput(argument("gpio:GPIO17"), root: none.root) } == .gpioNoLine)
    #expect(!FileManager.default.fileExists(atPath: none.root + "/dev"))
  }

  @Test func signal_output_startsAndEndsInactive() throws {
    let tree = try tree()
    let wanted = try argument("gpio:GPIO27=person,active-low,dog", labels: true)
    var signal = try SignalOutput(
      wanted, timing: SignalTiming(minimumOn: 1, offDelay: 0.5), root: tree.root)
    let asked = fake_last_request()
    #expect(asked.flags == 8 | 2 && asked.values == 0, "OUTPUT and ACTIVE_LOW, inactive at once")
    try signal.follow(false, at: 0)
    #expect(fake_value() == -1, "no call without a change")
    try signal.follow(true, at: 1)
    try signal.follow(true, at: 1.1)
    #expect(fake_value() == 1)
    #expect(fake_value() == -1)
    try signal.follow(false, at: 1.9)
    #expect(fake_value() == -1)
    try signal.follow(false, at: 2.1)
    #expect(fake_value() == 0)
    try signal.follow(true, at: 3)
    #expect(fake_value() == 1)
    _ = consume signal
    #expect(fake_value() == 0, "safe at the end")
  }

  @Test func signal_refusedLevel_isTriedAgain() throws {
    let tree = try tree()
    var signal = try SignalOutput(argument("gpio:GPIO17=a", labels: true), root: tree.root)
    fake_refuse(EIO)
    #expect(code { try signal.follow(true, at: 1) } == .gpioFailed)
    try signal.follow(true, at: 1.1)
    #expect(fake_value() == 1)
  }

  @Test func timing_randomDetections_keepsItsPromises() {
    var random = SystemRandom(seed: 3)
    for _ in 0..<500 {
      let minimum = Double(random.next() % 20) / 10
      let delay = Double(random.next() % 20) / 10
      var timing = SignalTiming(minimumOn: minimum, offDelay: delay)
      var now = 0.0
      var isOn = false
      var onSince = 0.0
      var lastSeen = -100.0
      for _ in 0..<200 {
        now += Double(random.next() % 100) / 100
        let isSeen = random.next() % 3 == 0
        let level = timing.update(isSeen, now: now)
        if isSeen { lastSeen = now }
        if isSeen { #expect(level, "on at once") }
        if level && !isOn {
          #expect(isSeen)
          onSince = now
        }
        let slack = 1e-9
        if !level && isOn {
          #expect(now - onSince >= minimum - slack && now - lastSeen >= delay - slack)
        }
        if level && !isSeen {
          #expect(
            now < onSince + minimum + slack || now < lastSeen + delay + slack,
            "not longer than it has to be")
        }
        isOn = level
      }
    }
  }

  @Test func argument_forms_areRead() throws {
    var wanted = try argument("gpio:GPIO17")
    #expect(wanted.line == "GPIO17" && wanted.labels.isEmpty && !wanted.isActiveLow)
    #expect(wanted.bias == .none && wanted.debounce == 20)
    wanted = try argument("gpio:gpiochip0:5=person,big cat,active-low", labels: true)
    #expect(wanted.line == "gpiochip0:5" && wanted.labels == ["person", "big cat"])
    #expect(wanted.isActiveLow)
    #expect(try argument("gpio:LED,active-low", labels: true).labels.isEmpty)
  }

  @Test(arguments: [
    "", "gpio", "gpio:", "GPIO17", "gpio:=person", "gpio:A=person", "gpio:A,", "gpio:A,,",
    "gpio:A,fast", "gpio:A,debounce=", "gpio:A,debounce=-1", "gpio:A,debounce=1001",
    "gpio:A,debounce=x", "gpio:" + String(repeating: "n", count: 64),
  ])
  func argument_otherForms_areRefused(_ text: String) {
    #expect(code { _ = try argument(text) } == .gpioArgument, "\(text)")
  }

  @Test(arguments: ["gpio:A=", "gpio:A=person,", "gpio:A,person"])
  func argument_emptyLabels_areRefused(_ text: String) {
    #expect(code { _ = try argument(text, labels: true) } == .gpioArgument, "\(text)")
  }

  @Test func argument_anyBytes_areReadOrRefused() {
    var random = SystemRandom(seed: 5)
    let alphabet = Array("gpio:=,AB1-debounce active-lowpull-up\u{e9}\0".utf8)
    var read = 0
    for _ in 0..<20_000 {
      var bytes = random.next() % 2 == 0 ? Array("gpio:".utf8) : []
      for _ in 0..<(random.next() % 30) {
        bytes.append(alphabet[Int(random.next() % UInt64(alphabet.count))])
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if (try? argument(text, labels: true)) != nil { read += 1 }
    }
    #expect(read > 1000)
  }
}
