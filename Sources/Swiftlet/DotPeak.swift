import CShims
import KernelsAVX2
import KernelsAVX512
import KernelsNEON
import KernelsNEONDot

extension KernelSets {
  /// Multiply-adds a second of int8 dot products on registers alone, one thread: the yardstick
  /// of a profile. Measures for about 20 ms; nil for the reference, which has no such loop.
  public static func dotPeak(named name: String) -> Double? {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 64)
    defer { memory.deallocate() }
    memset(memory, 1, 2048)
    var best = 0.0
    // The best of many short runs: interruptions only ever slow one down.
    for _ in 0..<20 {
      let start = shim_monotonic()
      let done = dotLoop(name, rounds: 20_000, memory)
      let time = shim_monotonic() - start
      if done == 0 || time <= 0 { return nil }
      best = max(best, Double(done) * 1e9 / Double(time))
    }
    return best
  }

  private static func dotLoop(_ name: String, rounds: Int, _ memory: UnsafeMutableRawPointer) -> Int
  {
    // Only sets that this machine runs may be asked.
    var isKnown = false
    for set in available() where set.isNamed(name) { isKnown = true }
    guard isKnown else { return 0 }
    #if arch(x86_64) && !hasFeature(Embedded)
      if name.utf8.elementsEqual("avx512vnni".utf8) { return dotPeakAVX512(rounds, memory) }
      if name.utf8.elementsEqual("avx2".utf8) { return dotPeakAVX2(rounds, memory) }
    #elseif arch(arm64)
      if name.utf8.elementsEqual("neondot".utf8) { return dotPeakNEONDot(rounds, memory) }
      if name.utf8.elementsEqual("neon".utf8) { return dotPeakNEON(rounds, memory) }
    #endif
    return 0
  }
}
