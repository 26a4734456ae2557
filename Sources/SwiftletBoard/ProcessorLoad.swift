/// How busy other processes keep the cores, from `/proc/stat` and this process's own times.
struct ProcessorLoad {
  private var all = OpenFile()
  private var own = OpenFile()
  private var online = OpenFile()
  /// Ticks at the last reading; negative: none yet.
  private var lastBusy: Int64 = -1
  private var lastTotal: Int64 = 0
  private var lastOwn: Int64 = 0
  private var other: Double?

  mutating func scan(root: String) {
    close()
    all = OpenFile(root + "/proc/stat")
    own = OpenFile(root + "/proc/self/stat")
    online = OpenFile(root + "/sys/devices/system/cpu/online")
  }

  mutating func close() {
    all.close()
    own.close()
    online.close()
    lastBusy = -1
  }

  /// Whether one of its files is missing.
  var isBlind: Bool { all.error != 0 || own.error != 0 }

  /// CPUs online; 0: not known.
  mutating func onlineCores(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let bytes = online.read(into: buffer) else { return 0 }
    return CPUList.count(bytes)
  }

  /// Cores kept busy by other processes since the last call.
  mutating func otherCores(_ buffer: UnsafeMutableRawBufferPointer, online: Int) -> Double? {
    guard let bytes = all.read(into: buffer) else { return nil }
    // cpu user nice system idle iowait irq softirq steal; guests are part of user.
    var scanner = NumberScanner(bytes)
    var total: Int64 = 0
    var idle: Int64 = 0
    var fields = 0
    while fields < 8, let ticks = scanner.next() {
      total &+= ticks
      if fields == 3 || fields == 4 { idle &+= ticks }
      fields += 1
    }
    guard fields >= 5, let bytes = own.read(into: buffer) else { return nil }
    // utime and stime are the 11th and 12th number behind the name, which may hold anything and
    // ends with the last bracket.
    var start = bytes.count
    while start > 0, bytes[start - 1] != UInt8(ascii: ")") { start -= 1 }
    scanner = NumberScanner(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    var mine: Int64 = 0
    for field in 0..<12 {
      guard let value = scanner.next() else { return nil }
      if field >= 10 { mine &+= value }
    }
    let busy = total &- idle
    // The kernel's own count of time is the clock: no other one can drift against it.
    let elapsed = Double(total &- lastTotal)
    if lastBusy >= 0, elapsed > 0 {
      let cores = Double(max(1, online))
      let used = Double((busy &- lastBusy) &- (mine &- lastOwn)) / elapsed * cores
      other = min(max(0, used), cores)
    }
    if lastBusy < 0 || elapsed > 0 {
      lastBusy = busy
      lastTotal = total
      lastOwn = mine
    }
    return other
  }
}

/// Lists of CPUs as the kernel writes them, for example `0-3,5`.
package enum CPUList {
  /// How many CPUs the list names; 0 for what is no list.
  package static func count(_ bytes: UnsafeRawBufferPointer) -> Int {
    var scanner = NumberScanner(bytes)
    var count: Int64 = 0
    while let first = scanner.next() {
      var last = first
      if scanner.index < bytes.count, bytes[scanner.index] == UInt8(ascii: "-") {
        guard let end = scanner.next() else { return 0 }
        last = end
      }
      guard first <= last, last < 4096 else { return 0 }
      count += last - first + 1
      if count > 4096 { return 0 }
    }
    return Int(count)
  }
}
