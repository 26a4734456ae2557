import CShims
import Synchronization

/// A fixed number of threads that share the parts of one step after another.
///
/// The calling thread works too, so a team of one has no other thread. Workers spin for some
/// microseconds between steps and then park on a futex; parts are handed out one by one, so a
/// slow or busy core does not hold the others.
package struct Team: ~Copyable {
  /// Runs part `part` on thread `thread` (0 is the caller).
  package typealias Body =
    @convention(c) (UnsafeMutableRawPointer, _ part: Int, _ thread: Int) -> Void

  private let state: UnsafeMutablePointer<TeamState>
  private let threads: UnsafeMutablePointer<shim_thread>
  /// Threads, the caller included.
  package let count: Int
  /// Threads that work; the others sleep until there are more.
  package var active: Int { state.pointee.active.load(ordering: .relaxed) }

  /// Starts `count - 1` threads; nil if the system refuses one (those started are ended).
  package init?(_ count: Int) {
    self.count = count
    state = .allocate(capacity: 1)
    state.initialize(to: TeamState(active: count))
    threads = .allocate(capacity: count)
    for i in 1..<max(count, 1) {
      let seat = UnsafeMutablePointer<Seat>.allocate(capacity: 1)
      seat.initialize(to: Seat(state: state, number: i))
      if shim_thread_start(&threads[i], workerMain, seat, 512 << 10) != 0 {
        seat.deallocate()
        Team.end(state, threads, started: i)
        return nil
      }
    }
  }

  deinit { Team.end(state, threads, started: count) }

  private static func end(
    _ state: UnsafeMutablePointer<TeamState>, _ threads: UnsafeMutablePointer<shim_thread>,
    started: Int
  ) {
    state.pointee.stop()
    for i in 1..<max(started, 1) { shim_thread_join(threads[i]) }
    state.deinitialize(count: 1)
    state.deallocate()
    threads.deallocate()
  }

  /// Lets that many threads work from the next step on, the caller included.
  package func setActive(_ threads: Int) { state.pointee.setActive(threads) }

  /// Runs `parts` parts and returns when all are done. Parts must be below 2^24.
  package func run(parts: Int, _ body: Body, _ context: UnsafeMutableRawPointer) {
    if active == 1 || parts == 1 {
      for part in 0..<parts { body(context, part, 0) }
      return
    }
    state.pointee.publish(parts: parts, body, context)
    state.pointee.work(thread: 0)
    state.pointee.waitForOthers(parts: parts)
  }
}

/// What a worker is told at birth.
private struct Seat {
  let state: UnsafeMutablePointer<TeamState>
  let number: Int
}

private let workerMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  guard let given = $0?.assumingMemoryBound(to: Seat.self) else { return nil }
  let seat = given.pointee
  given.deallocate()
  var seen: UInt32 = 0
  while true {
    seat.state.pointee.waitForSeat(seat.number)
    seen = seat.state.pointee.waitForWork(after: seen)
    if seat.state.pointee.stops.load(ordering: .acquiring) { return nil }
    seat.state.pointee.work(thread: seat.number)
  }
}

/// Shared by the threads of a team.
private struct TeamState: ~Copyable {
  /// Counts published steps; the futex word.
  let epoch = Atomic<UInt32>(0)
  /// High half: parts of the step; low half: next part to take. One word, so that a late thread
  /// cannot pair an old part with a new step.
  let ticket = Atomic<UInt64>(0)
  let done = Atomic<Int>(0)
  let parked = Atomic<Int>(0)
  let stops = Atomic<Bool>(false)
  /// Threads that work; the futex word of those that do not.
  let active: Atomic<Int>
  let activations = Atomic<UInt32>(0)
  var body: Team.Body = { _, _, _ in }
  var context = UnsafeMutableRawPointer(bitPattern: 64)!

  /// About 20 microseconds of pauses: longer than any gap between two steps of a frame.
  private static let spins = 600

  init(active: Int) { self.active = Atomic(active) }

  func setActive(_ threads: Int) {
    let before = active.exchange(threads, ordering: .sequentiallyConsistent)
    if threads == before { return }
    activations.add(1, ordering: .sequentiallyConsistent)
    if threads > before {
      withUnsafePointer(to: activations) { shim_futex_wake($0, Int32.max) }
    } else {
      // Those that are out move from waiting for work to waiting for their seat.
      epoch.add(1, ordering: .sequentiallyConsistent)
      wakeAll()
    }
  }

  /// Sleeps while thread `number` is not among those that work.
  func waitForSeat(_ number: Int) {
    while !stops.load(ordering: .sequentiallyConsistent) {
      let seen = activations.load(ordering: .sequentiallyConsistent)
      if number < active.load(ordering: .sequentiallyConsistent) { return }
      withUnsafePointer(to: activations) { shim_futex_wait($0, Int32(bitPattern: seen)) }
    }
  }

  mutating func publish(parts: Int, _ body: Team.Body, _ context: UnsafeMutableRawPointer) {
    self.body = body
    self.context = context
    done.store(0, ordering: .relaxed)
    ticket.store(UInt64(parts) << 32, ordering: .releasing)
    epoch.add(1, ordering: .sequentiallyConsistent)
    if parked.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
  }

  func work(thread: Int) {
    while true {
      let taken = ticket.add(1, ordering: .acquiringAndReleasing).oldValue
      let part = Int(taken & 0xffff_ffff)
      if part >= Int(taken >> 32) { return }
      body(context, part, thread)
      done.add(1, ordering: .releasing)
    }
  }

  func waitForOthers(parts: Int) {
    var turns = 0
    while done.load(ordering: .acquiring) < parts {
      turns += 1
      if turns < 20_000 { shim_pause() } else { shim_yield() }
    }
  }

  /// Returns the number of the newest step once it differs from `seen`.
  func waitForWork(after seen: UInt32) -> UInt32 {
    for _ in 0..<TeamState.spins {
      let now = epoch.load(ordering: .acquiring)
      if now != seen || stops.load(ordering: .acquiring) { return now }
      shim_pause()
    }
    parked.add(1, ordering: .sequentiallyConsistent)
    while epoch.load(ordering: .sequentiallyConsistent) == seen
      && !stops.load(ordering: .sequentiallyConsistent)
    {
      wait(seen)
    }
    parked.subtract(1, ordering: .sequentiallyConsistent)
    return epoch.load(ordering: .acquiring)
  }

  private func wait(_ seen: UInt32) {
    withUnsafePointer(to: epoch) { shim_futex_wait($0, Int32(bitPattern: seen)) }
  }

  func stop() {
    stops.store(true, ordering: .sequentiallyConsistent)
    // A changed futex word, so that a worker about to park does not.
    epoch.add(1, ordering: .sequentiallyConsistent)
    wakeAll()
    activations.add(1, ordering: .sequentiallyConsistent)
    withUnsafePointer(to: activations) { shim_futex_wake($0, Int32.max) }
  }

  func wakeAll() {
    withUnsafePointer(to: epoch) { shim_futex_wake($0, Int32.max) }
  }
}
