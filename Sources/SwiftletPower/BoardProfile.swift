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
  /// How this board's camera is brought to swiftlet, for people; empty: nothing special.
  public var cameraHint = ""
  /// The processor, for people, for example `BCM2711`.
  public var processor = ""
  public var gpu = GPUFacts()
  /// Power modes of the maker's tool (`nvpmodel`); empty: there is none.
  public var modes: [PowerMode] = []
  /// Label of the GPIO chip that the header hangs on; empty: not known.
  public var gpioChip = ""
  /// Names of lines fit for a wake-up input.
  public var wakeLines: [String] = []
  /// Keys of the file whose figures nobody has published: absent, or assumed.
  public var unknown: [String] = []

  public init() {}

  /// Whether there is a model of watts at all; if not, a cap of watts needs a sensor.
  public var hasPowerModel: Bool { power.base > 0 && power.simdActivity > 0 }
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
  /// W / (GHz V^2) of a core at integer work. Where volts are not known they are 1.
  public var integerActivity = 0.0
  /// W / (GHz V^2) of a core in SIMD kernels.
  public var simdActivity = 0.0

  /// W / (GHz V^2) of a core in our kernels: the middle of both where both are known.
  ///
  /// Eight-bit multiplications are dearer than integer loops and cheaper than the
  /// double-precision multiply-adds and full memory traffic of HPL, which the SIMD figures come
  /// from. Assumed: no board has measured these kernels.
  public var kernelActivity: Double {
    if integerActivity > 0 && simdActivity > 0 { return (integerActivity + simdActivity) / 2 }
    return max(integerActivity, simdActivity)
  }

  /// Watts of leakage at 45 C.
  public var leak = 0.1
  /// Kelvins in which leakage grows e-fold.
  public var leakFold = 30.0
  /// Joules for a byte from or to memory.
  public var joulesPerByte = 0.0
  /// Relative spread of the activity constants between chips and firmware, for example 0.3.
  public var spread = 0.3
  /// Watts that the idle board grows by for each GHz of clock in force.
  public var idlePerGigahertz = 0.0

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
  /// Clocks that it falls through while it does, MHz.
  public var throttleClocks: [Double] = []
  /// Die temperature from which `softClock` (MHz) holds, C; 0: there is none.
  public var softLimit = 0.0
  public var softClock = 0.0
  /// Steps of the fan, rising; empty: none, or not known.
  public var fan: [FanStep] = []

  public init() {}
}

/// A step of a fan.
public struct FanStep: Sendable {
  /// Die temperature from which it turns, C.
  public var celsius: Double
  /// Share of its full speed, 0...1.
  public var share: Double

  public init(celsius: Double, share: Double) {
    self.celsius = celsius
    self.share = share
  }
}

/// The GPU: networks do not run on it, but its clock costs watts.
public struct GPUFacts: Sendable {
  /// For people; empty: nothing known.
  public var name = ""
  /// Endings of its folder's name in `/sys/class/devfreq`.
  public var devfreq: [String] = []
  /// Lowest and highest clock, MHz.
  public var clocks: [Double] = []
  /// Watts for each GHz when it is busy; 0: not known.
  public var perGigahertz = 0.0

  public init() {}
}

/// A power mode of `nvpmodel`. Its name promises watts, but it caps clocks.
public struct PowerMode: Sendable {
  public var name = ""
  /// CPUs online.
  public var cores = 0
  /// Highest clocks, MHz; 0: not known.
  public var clock = 0.0
  public var gpuClock = 0.0

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
