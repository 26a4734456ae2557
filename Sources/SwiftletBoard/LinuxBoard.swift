import CShims
import SwiftletCore
import SwiftletPower

/// The board this program runs on, through the files of Linux.
///
/// Sensors are looked for once and kept open; `read` allocates nothing while they stay. When one
/// vanishes (its driver was unbound) its value is nil, and every 5 s all are looked for again.
///
/// ```swift
/// var board = LinuxBoard(profile: profile)
/// do throws(SwiftletError) {
///   try board.takeKnobs()  // before the network is loaded; may be left out
///   if board.healed > 0 { note("clock limits of a killed run were restored") }
/// } catch { warn(error.message) }  // sensors still work, limits are refused
/// let reading = board.read()  // watts, celsius, ...: nil where there is no sensor
/// if board.setClockLimit(1000) == nil, let why = board.refusal { warn(why.message) }
/// board.restore()  // also done at the end of its life, and after kill -9 by its guardian
/// ```
public struct LinuxBoard: ~Copyable, BoardAccess {
  let root: String
  let profile: BoardProfile
  var power = PowerSensors()
  var zones = ThermalZones()
  var throttle = ThrottleReader()
  var load = ProcessorLoad()
  var clocks = ClockPolicies()
  var graphics = GraphicsClock()
  private var guardian: Guardian
  /// 8 KiB for texts of the kernel.
  private let buffer: UnsafeMutableRawBufferPointer
  private let hasPMIC: Bool
  /// When vanished sensors are looked for again; when a refused limit is tried again. Seconds.
  private var nextScan = 0.0
  private var nextWrite = 0.0
  /// What was there once is looked for until it is there again.
  private var mostChannels = 0
  private var mostZones = 0
  /// Why the last limit was refused.
  public private(set) var refusal: SwiftletError?
  /// Seconds that a test is ahead of the real clock.
  package var skew = 0.0

  /// - Parameters:
  ///   - root: "/", or a folder that imitates `sys`, `proc` and `dev`.
  ///   - profile: what the sensors mean and what may be set; an empty one serves.
  ///   - stateFolder: for what has to be restored; default: `Guardian.defaultFolder`.
  public init(root: String = "/", profile: BoardProfile, stateFolder: String? = nil) {
    self.root = root == "/" ? "" : root
    self.profile = profile
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 16)
    guardian = Guardian(
      root: root, folder: stateFolder ?? Guardian.defaultFolder(root: root))
    var hasPMIC = false
    for rule in profile.sensors where rule.driver == "pmic" && rule.role != .ignored {
      hasPMIC = true
    }
    self.hasPMIC = hasPMIC
    scan()
  }

  deinit {
    // Copies of the descriptors: what is being destroyed cannot be changed.
    var (power, zones, throttle) = (power, zones, throttle)
    var (load, clocks) = (load, clocks)
    power.close()
    zones.close()
    throttle.close()
    load.close()
    clocks.close()
    buffer.deallocate()
  }

  /// Seconds of the monotonic clock.
  public var now: Double { Double(shim_monotonic()) * 1e-9 + skew }

  // MARK: sensors

  private mutating func scan() {
    power.scan(root: root, rules: profile.sensors)
    zones.scan(root: root)
    throttle.scan(root: root, source: profile.throttleSource, needsMailbox: hasPMIC)
    load.scan(root: root)
    clocks.scan(root: root, cluster: profile.clusters.first)
    graphics.scan(root: root, endings: profile.gpu.devfreq)
    mostChannels = max(mostChannels, power.channels.count)
    mostZones = max(mostZones, zones.zones.count)
    nextScan = now + 5
  }

  /// Reads all sensors once; allocates nothing unless a vanished sensor is looked for again.
  public mutating func read() -> BoardReading {
    let isLost =
      power.isLost || zones.isLost || clocks.isLost || power.channels.count < mostChannels
      || zones.zones.count < mostZones
    if isLost && now >= nextScan { scan() }
    var reading = BoardReading()
    reading.watts = power.watts()
    if reading.watts == nil && hasPMIC && power.channels.isEmpty {
      reading.watts = throttle.pmicWatts(buffer)
    }
    reading.celsius = zones.celsius() ?? throttle.celsius()
    reading.throttle = throttle.read(profile.throttleSource)
    reading.clockLimit = clocks.limit()
    reading.clock = clocks.current()
    reading.onlineCores = load.onlineCores(buffer)
    reading.otherCores = load.otherCores(buffer, online: reading.onlineCores)
    return reading
  }

  // MARK: limits

  /// Clock limits of a killed run that `takeKnobs` restored.
  public var healed: Int { guardian.healed }

  /// Makes sure that limits can be set and will be restored: locks out other programs, restores
  /// what a killed run left and starts the guardian. `setClockLimit` does it when first called.
  ///
  /// Early is better: the guardian shares this process's memory as it is at that moment.
  public mutating func takeKnobs() throws(SwiftletError) { try guardian.take() }

  /// Limits the clock of the profile's first cluster to the highest step not above `megahertz`.
  /// Returns the limit in force, which heat may hold lower; nil if it was refused: then `refusal`
  /// says why, and for 5 s every other wish is refused without trying.
  public mutating func setClockLimit(_ megahertz: Double) -> Double? {
    guard profile.knobs.contains(.clock), !clocks.policies.isEmpty else {
      refusal = SwiftletError(.clockRefused, place: "scaling_max_freq", found: "not on this board")
      return nil
    }
    guard megahertz >= 0, megahertz < 1e6, now >= nextWrite else { return nil }
    for i in clocks.policies.indices {
      let policy = clocks.policies[i]
      let step = policy.step(megahertz * 1000)
      let before = clocks.limit(of: i)
      if before == step { continue }
      // Under a thermal cap the kernel tells the cap in place of the limit somebody had set.
      let isCapped = !guardian.isRecorded(policy.path) && throttle.isCooling(root: root)
      do throws(SwiftletError) {
        let error = try guardian.set(policy.path, to: step, original: isCapped ? policy.high : nil)
        if error != 0 { return refuse(policy.path, systemErrorName(error)) }
      } catch {
        refusal = error
        nextWrite = now + 5
        return nil
      }
      guard let after = clocks.limit(of: i) else { return refuse(policy.path, "not readable") }
      if after > step { return refuse(policy.path, "still \(after) kHz") }
    }
    refusal = nil
    return clocks.limit()
  }

  /// Limits the clock of the GPU as `setClockLimit` does that of the CPU; only on boards whose
  /// profile allows it.
  public mutating func setGraphicsLimit(_ megahertz: Double) -> Double? {
    let path = graphics.path
    guard profile.knobs.contains(.gpu), megahertz >= 0, megahertz < 1e6, !path.isEmpty,
      let step = graphics.step(megahertz * 1e6), now >= nextWrite
    else { return nil }
    do throws(SwiftletError) {
      let error = try guardian.set(path, to: step)
      if error != 0 { return refuse(path, systemErrorName(error)) }
    } catch {
      refusal = error
      nextWrite = now + 5
      return nil
    }
    guard let after = Files.number(root + path), after <= step else {
      return refuse(path, "read back")
    }
    return Double(after) * 1e-6
  }

  private mutating func refuse(_ path: String, _ why: String) -> Double? {
    refusal = SwiftletError(.clockRefused, place: path, found: why)
    nextWrite = now + 5
    return nil
  }

  /// Puts everything back that was changed; may be called again.
  public mutating func restore() { guardian.restore() }
}
