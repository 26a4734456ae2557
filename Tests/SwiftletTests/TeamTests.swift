import CShims
import Foundation
import Swiftlet
import Synchronization
import Testing

/// What the parts of a test's step share.
private final class Board {
  /// How often each part ran.
  var runs: [UInt32]
  /// How often each thread number was told to a part.
  let threads: UnsafeMutablePointer<UInt32>
  /// Kernel thread number of each team member.
  let ids: UnsafeMutablePointer<Int32>
  let entered = Atomic<Int>(0)
  var meeting = 0

  init(parts: Int) {
    runs = [UInt32](repeating: 0, count: max(parts, 1))
    threads = .allocate(capacity: 65)
    threads.initialize(repeating: 0, count: 65)
    ids = .allocate(capacity: 65)
    ids.initialize(repeating: 0, count: 65)
  }

  deinit {
    threads.deallocate()
    ids.deallocate()
  }
}

/// The kernel's number of the calling thread.
private func kernelThread() -> Int32 {
  // "PID/task/TID", which the kernel makes for whoever reads it.
  var text = [CChar](repeating: 0, count: 64)
  let count = readlink("/proc/thread-self", &text, 63)
  let path = String(
    decoding: text.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return Int32(path.split(separator: "/").last ?? "") ?? -1
}

/// Notes the part; waits until as many parts as `meeting` are inside at the same time.
private let note: Team.Body = { context, part, thread in
  let board = Unmanaged<Board>.fromOpaque(context).takeUnretainedValue()
  board.runs.withUnsafeMutableBufferPointer { $0[part] += 1 }
  board.threads[min(thread, 64)] += 1
  board.ids[min(thread, 64)] = kernelThread()
  if board.meeting > 0 {
    board.entered.add(1, ordering: .sequentiallyConsistent)
    while board.entered.load(ordering: .sequentiallyConsistent) < board.meeting { shim_yield() }
  }
}

/// Adds its part's number to its own cell of 64 bytes.
private let add: Team.Body = { context, part, _ in
  context.assumingMemoryBound(to: Int.self)[part * 8] += part + 1
}

struct TeamTests {
  @Test(arguments: [1, 2, 3, 4, 8])
  func run_anyCountOfParts_runsEachOnce(_ threads: Int) throws {
    let team = try #require(makeTeam(threads))
    for parts in [0, 1, 2, 3, 7, 64, 1000] {
      let board = Board(parts: parts)
      // SAFETY: the board outlives the run.
      team.value.run(parts: parts, note, Unmanaged.passUnretained(board).toOpaque())
      #expect(board.runs.prefix(parts).allSatisfy { $0 == 1 }, "\(parts) parts")
      let told = (0...64).filter { board.threads[$0] > 0 }
      #expect(told.allSatisfy { $0 < threads }, "thread numbers \(told)")
    }
  }

  @Test(arguments: [2, 3, 5])
  func run_asManyPartsAsThreads_canAllBeInsideAtOnce(_ threads: Int) throws {
    let team = try #require(makeTeam(threads))
    var ids: Set<Int32> = []
    for _ in 0..<200 {
      let board = Board(parts: threads)
      // Each part waits for all others: fewer threads than parts would hang here.
      board.meeting = threads
      team.value.run(parts: threads, note, Unmanaged.passUnretained(board).toOpaque())
      #expect(board.runs.allSatisfy { $0 == 1 })
      for i in 0..<threads { ids.insert(board.ids[i]) }
    }
    #expect(ids.count == threads, "exactly \(threads) threads of the kernel, the caller included")
    #expect(ids.contains(kernelThread()))
  }

  @Test func run_manyShortSteps_loseNone() throws {
    let team = try #require(makeTeam(4))
    let cells = UnsafeMutablePointer<Int>.allocate(capacity: 64)
    defer { cells.deallocate() }
    cells.initialize(repeating: 0, count: 64)
    var wanted = [Int](repeating: 0, count: 8)
    for step in 0..<20_000 {
      let parts = 1 + step % 7
      team.value.run(parts: parts, add, cells)
      for part in 0..<parts { wanted[part] += part + 1 }
      // A pause now and then, so that some workers are parked and others are not.
      if step % 997 == 0 { usleep(300) }
    }
    #expect((0..<8).map { cells[$0 * 8] } == wanted)
  }

  @Test func team_idle_usesNoCPU() throws {
    let team = try #require(makeTeam(3))
    let board = Board(parts: 3)
    board.meeting = 3
    team.value.run(parts: 3, note, Unmanaged.passUnretained(board).toOpaque())
    usleep(50_000)
    let workers = (1..<3).map { board.ids[$0] }
    let before = try workers.map(cpuNanoseconds)
    usleep(200_000)
    let used = zip(try workers.map(cpuNanoseconds), before).map { $0 - $1 }
    #expect(used.allSatisfy { $0 < 2_000_000 }, "nanoseconds of CPU in 200 ms of idling: \(used)")
    // And they still work.
    let again = Board(parts: 9)
    team.value.run(parts: 9, note, Unmanaged.passUnretained(again).toOpaque())
    #expect(again.runs.allSatisfy { $0 == 1 })
  }

  @Test func setActive_betweenSteps_usesExactlyAsManyThreads() throws {
    let team = try #require(makeTeam(4))
    for round in 0..<400 {
      let active = [4, 1, 3, 2, 4, 2][round % 6]
      team.value.setActive(active)
      // Each part waits for all others: one thread too few would hang here.
      let board = Board(parts: active)
      board.meeting = active
      team.value.run(parts: active, note, Unmanaged.passUnretained(board).toOpaque())
      #expect(board.runs.allSatisfy { $0 == 1 })
      #expect(team.value.active == active)
      if round % 50 == 0 { usleep(500) }
    }
    // After a rest nobody who is out takes a part.
    team.value.setActive(2)
    usleep(20_000)
    let board = Board(parts: 1000)
    team.value.run(parts: 1000, note, Unmanaged.passUnretained(board).toOpaque())
    #expect(board.runs.allSatisfy { $0 == 1 })
    #expect((2...64).allSatisfy { board.threads[$0] == 0 })
  }

  @Test func team_endedAtAnyTime_doesNotHang() throws {
    for i in 0..<300 {
      let team = try #require(makeTeam(1 + i % 5))
      if i % 3 == 0 { continue }
      if i % 4 == 1 { team.value.setActive(1) }
      let board = Board(parts: 4)
      team.value.run(parts: 4, note, Unmanaged.passUnretained(board).toOpaque())
      if i % 7 == 0 { usleep(500) }
      #expect(board.runs.allSatisfy { $0 == 1 })
    }
  }

  /// Time on a CPU of a thread of this process.
  private func cpuNanoseconds(_ thread: Int32) throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/task/\(thread)/schedstat", encoding: .utf8)
    return try #require(Int(text.split(separator: " ")[0]))
  }

  /// A box: test macros cannot hold a noncopyable value.
  private final class Box {
    let value: Team
    init?(_ threads: Int) {
      guard let team = Team(threads) else { return nil }
      value = team
    }
  }

  private func makeTeam(_ threads: Int) -> Box? { Box(threads) }
}
