import CShims
import SwiftletBoard
import SwiftletCore
import SwiftletPower

/// Uses the board's sensors, clock limit and lines as the programs do, by hand: for tools/vm, where
/// a kernel stands behind them. Prints one line per event; watts as whole milliwatts, -1 for none.
///
///     board-check match                       the profile of this machine
///     board-check watch SECONDS               a line whenever watts, limit or cores change
///     board-check limit SECONDS MHZ...        each limit for that time, then all is put back
///     board-check edge SECONDS gpio:NAME...   the first edge and how long after it was seen
///     board-check output gpio:NAME MS...      something is seen at each of these times
@c(board_check)
public func boardCheck(
  _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  var arguments: [String] = []
  for i in 1..<Int(max(count, 1)) {
    if let word = words[i] { arguments.append(String(cString: word)) }
  }
  do throws(SwiftletError) {
    switch arguments.first?.utf8.first {
    case UInt8(ascii: "m"): print("profile \(try profile().name)")
    case UInt8(ascii: "w"): try watch(seconds: number(arguments, 1))
    case UInt8(ascii: "l"): try limit(arguments)
    case UInt8(ascii: "e"): try edge(arguments)
    case UInt8(ascii: "o"): try output(arguments)
    default: return 64
    }
    return 0
  } catch {
    print(error.message)
    return 1
  }
}

private func number(_ words: [String], _ index: Int) -> Double {
  index < words.count ? Double(Int(words[index]) ?? 0) : 0
}

/// The bytes of a small file of the device tree.
private func bytes(_ path: String) -> [UInt8] {
  let file = path.withCString { shim_call_open($0, 0) }
  guard file >= 0 else { return [] }
  defer { _ = shim_call_close(file) }
  var bytes = [UInt8](repeating: 0, count: 1024)
  let count = bytes.withUnsafeMutableBytes { shim_call_pread(file, $0.baseAddress!, $0.count) }
  return Array(bytes.prefix(max(0, Int(count))))
}

private func profile() throws(SwiftletError) -> BoardProfile {
  let match = BoardProfiles.matching(
    compatible: bytes("/proc/device-tree/compatible"), model: bytes("/proc/device-tree/model"))
  return try BoardProfiles.named(match.name)
}

private func milliwatts(_ reading: BoardReading) -> Int {
  guard let watts = reading.watts else { return -1 }
  return Int((watts * 1000).rounded())
}

/// Reads ten times a second until the time is over or a signal comes; prints what changes.
private func watch(_ board: inout LinuxBoard, _ stop: UnsafePointer<Int32>, seconds: Double) {
  let start = board.now
  var last = (watts: -2, limit: 0, cores: 0)
  var readings = 0
  var withWatts = 0
  while board.now - start < seconds, stop.pointee == 0 {
    let reading = board.read()
    readings += 1
    if reading.watts != nil { withWatts += 1 }
    let now = (
      watts: milliwatts(reading), limit: Int(reading.clockLimit ?? -1), cores: reading.onlineCores
    )
    if now != last {
      print(
        "\(Int((board.now - start) * 1000)) ms: \(now.watts) mW, limit \(now.limit), "
          + "clock \(Int(reading.clock ?? -1)), cores \(now.cores)")
      last = now
    }
    shim_sleep(100_000_000)
  }
  print("readings \(readings) watts \(withWatts)")
}

private func watch(seconds: Double) throws(SwiftletError) {
  let stop = stopWord()
  var board = LinuxBoard(profile: try profile())
  watch(&board, stop, seconds: seconds)
}

private func stopWord() -> UnsafePointer<Int32> {
  let word = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  word.pointee = 0
  shim_stop_on_signals(word)
  return UnsafePointer(word)
}

private func limit(_ words: [String]) throws(SwiftletError) {
  let stop = stopWord()
  var board = LinuxBoard(profile: try profile())
  try board.takeKnobs()
  print("healed \(board.healed)")
  for i in 2..<max(words.count, 2) where stop.pointee == 0 {
    let wanted = number(words, i)
    if let got = board.setClockLimit(wanted) {
      print("set \(Int(wanted)) got \(Int(got))")
    } else {
      print("set \(Int(wanted)) refused: \(board.refusal?.message ?? "")")
    }
    watch(&board, stop, seconds: number(words, 1))
  }
  board.restore()
  print("restored")
}

private func edge(_ words: [String]) throws(SwiftletError) {
  let argument = try GPIOArgument(
    words.count > 2 ? words[2] : "", flag: "--wake", takesLabels: false)
  var wake = try WakeInput(argument)
  wake.forget()
  print("waiting")
  let start = Double(shim_monotonic()) * 1e-9
  guard let time = try wake.wait(seconds: number(words, 1)) else { return print("nothing") }
  let now = Double(shim_monotonic()) * 1e-9
  print("edge after \(Int((time - start) * 1e3)) ms, seen \(Int((now - time) * 1e6)) us later")
}

private func output(_ words: [String]) throws(SwiftletError) {
  let stop = stopWord()
  let argument = try GPIOArgument(
    words.count > 1 ? words[1] : "", flag: "--signal", takesLabels: true)
  var signal = try SignalOutput(argument)
  let start = shim_monotonic()
  var next = 2
  var end = Int64.max
  while stop.pointee == 0, shim_monotonic() < end {
    let now = shim_monotonic()
    let isSeen = next < words.count && Double(now - start) * 1e-6 >= number(words, next)
    if isSeen { next += 1 }
    if next == words.count, end == .max { end = now + 1_500_000_000 }
    try signal.follow(isSeen, at: Double(now) * 1e-9)
    shim_sleep(20_000_000)
  }
}
