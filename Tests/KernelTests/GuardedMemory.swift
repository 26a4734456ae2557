import KernelSelfTest

#if canImport(Glibc)
  import Glibc
#endif

/// Memory that ends right before a page nobody may touch, and begins after another.
struct GuardedMemory: TestMemory {
  private var maps: [(UnsafeMutableRawPointer, Int)] = []
  private var used = 0

  mutating func make(_ bytes: Int) -> UnsafeMutableRawPointer {
    let page = 4096
    let size = (bytes + page - 1) / page * page
    // Maps of earlier rounds are used again: mmap is slow.
    if used < maps.count && maps[used].1 >= size {
      let (start, room) = maps[used]
      used += 1
      return start + room - bytes
    }
    let room = max(size, 16 * page)
    let whole = mmap(
      nil, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    precondition(whole != MAP_FAILED)
    precondition(mprotect(whole + page, room, PROT_READ | PROT_WRITE) == 0)
    maps.insert((whole + page, room), at: used)
    used += 1
    return whole + page + room - bytes
  }

  mutating func clear() { used = 0 }
}
