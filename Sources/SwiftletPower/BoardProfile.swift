/// The facts of a board, as a file of `boards/` states them.
///
/// Every figure is a prior: chips, firmware and supplies differ by more than the models err, so
/// `swiftlet calibrate` measures a board and its table replaces these.
public struct BoardProfile: Sendable {
  /// The file's name without its ending, for example `raspberry-pi-4b`.
  public var name = ""
  /// For people, for example `Raspberry Pi 4 Model B`.
  public var title = ""
  /// Entries of the device tree's `compatible` list that mean this board.
  public var compatible: [String] = []
  /// Beginnings of the device tree's `model` text that mean this board.
  public var models: [String] = []
  /// Cores of one kind that share a clock; the first is the one networks run on by default.
  public var clusters: [Cluster] = []
  /// Bytes a second that one core reads from memory in a stream.
  public var memoryBandwidth = 0.0
  public var power = PowerFacts()
  public var thermal = ThermalFacts()
  public var sensors: [SensorRule] = []
  public var throttleSource = ThrottleSource.none
  public var knobs: Knobs = []
  /// Watts of the usual camera while it streams.
  public var cameraWatts = 0.0

  public init() {}
}

/// Cores of one kind that share a clock.
public struct Cluster: Sendable {
  /// As compilers call it, for example `cortex-a72`; chooses the rates of the time model.
  public var core = ""
  public var count = 0
  /// Number of its first CPU.
  public var firstCPU = 0
  /// Instruction sets that kernels ask about: `asimd`, `asimddp`, `asimdhp`, `avx2`, `avx512vnni`.
  public var features: [String] = []
  /// Bytes of the data cache of one core, of the next level (shared or not), of the last; 0: none.
  public var level1 = 0
  public var level2 = 0
  public var level3 = 0
  /// Rising clocks, with the supply's volts at each. A fallback: the kernel's list goes first.
  public var steps: [ClockStep] = []

  public init() {}
}

/// A clock and the voltage it needs.
public struct ClockStep: Sendable {
  public var megahertz: Double
  public var volts: Double

  public init(megahertz: Double, volts: Double) {
    self.megahertz = megahertz
    self.volts = volts
  }
}

/// Parameters of `P = base + sum of cores (C f V^2 u) + leak(T) + e * bytes/s`, f in GHz.
public struct PowerFacts: Sendable {
  /// Watts with idle cores, without a camera, at the lowest clock.
  public var base = 0.0
  /// W / (GHz V^2) of a core at integer work.
  public var integerActivity = 0.0
  /// W / (GHz V^2) of a core in SIMD kernels.
  public var simdActivity = 0.0
  /// Watts of leakage at 45 C.
  public var leak = 0.1
  /// Kelvins in which leakage grows e-fold.
  public var leakFold = 30.0
  /// Joules for a byte from or to memory.
  public var joulesPerByte = 0.0
  /// Relative spread of the activity constants between chips and firmware, for example 0.3.
  public var spread = 0.3

  public init() {}
}

/// Two thermal nodes: die to board to air.
public struct ThermalFacts: Sendable {
  /// K/W from die to board, and from board to air.
  public var dieResistance = 0.0
  public var boardResistance = 0.0
  /// Time constants in seconds.
  public var dieSeconds = 0.0
  public var boardSeconds = 0.0
  /// Air around the board, C.
  public var ambient = 25.0
  /// Die temperature that a budget without `--max-temp` keeps below, C.
  public var limit = 0.0
  /// Die temperature at which the board slows itself down, C.
  public var throttle = 0.0

  public init() {}
}

/// How a power sensor of the board is found and what its channels mean.
public struct SensorRule: Sendable {
  /// The driver: `ina3221`, `ina3221x` (JetPack 4), `ina2xx`, `pmic` (Raspberry Pi 5 mailbox).
  public var driver = ""
  /// Label of the channel as the kernel prints it; empty: the only channel.
  public var label = ""
  public var role = SensorRole.part

  public init() {}
}

/// What a channel measures.
public enum SensorRole: UInt8, Sendable {
  /// The whole board.
  case total
  /// A rail of the board; where no channel is `total` the parts are summed.
  case part
  /// Read and shown, never added.
  case ignored
}

/// Who tells that the board slows itself down.
public enum ThrottleSource: UInt8, Sendable {
  case none
  /// Firmware mailbox `/dev/vcio`, tag 0x00030046.
  case raspberryPi
  /// Cooling devices of the kernel's thermal zones.
  case coolingDevices
}

/// What may be set on a board.
public struct Knobs: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `scaling_max_freq` of the CPU.
  public static let clock = Knobs(rawValue: 1)
  /// `max_freq` of a GPU's devfreq folder.
  public static let gpu = Knobs(rawValue: 2)
  /// CPUs can be taken offline; never done without a flag.
  public static let hotplug = Knobs(rawValue: 4)
}
