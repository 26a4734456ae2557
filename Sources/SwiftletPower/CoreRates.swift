/// What a kind of core needs for the units of each kernel class.
///
/// No figure of an ARM core was measured on a board: they come from counting the executed basic
/// blocks of our compiled kernels under emulation, each weighted with the cycles that LLVM's
/// scheduling model of the core gives it (`tools/rates`; docs/time-model.md tells how well).
public struct CoreRates: Sendable {
  /// Cycles of a layer = perUnit * units + perVector * vectors + perCode * decoded codes
  /// (+ the epilogue's own cycles for a vector), per step once `step`.
  public struct Kernel: Sendable {
    public var perUnit: Float
    public var perVector: Float
    public var perCode: Float
  }

  /// As compilers call the core.
  public let name: StaticString
  /// Which scheduling model the cycles come from.
  public let model: StaticString
  /// Real cycles for one of the model, which knows neither caches nor mispredictions.
  ///
  /// An estimate from published runs of a program that the same method predicted
  /// (docs/time-model.md): 1.1 for cores that execute out of order, 1.15 for the Cortex-A53.
  public let stall: Double
  /// `tableSize` numbers of cycles, in the order of `KernelClass`.
  public let numbers: [Float]

  public static let kernelCount = KernelClass.allCases.count
  /// Numbers of a table: three for each kernel class, then residual, hardSwish, float and step.
  public static var tableSize: Int { kernelCount * 3 + 4 }

  public func kernel(_ kernel: KernelClass) -> Kernel {
    let at = Int(kernel.rawValue) * 3
    return Kernel(perUnit: numbers[at], perVector: numbers[at + 1], perCode: numbers[at + 2])
  }

  /// Cycles that an epilogue adds to a vector of 16 outputs.
  public func epilogue(_ kind: EpilogueClass) -> Float {
    kind == .linear ? 0 : numbers[CoreRates.kernelCount * 3 + Int(kind.rawValue) - 1]
  }

  /// Cycles of a step besides its work: the call, constants, short tiles.
  public var step: Float { numbers[CoreRates.kernelCount * 3 + 3] }

  /// Cycles of a layer on one core, caches warm.
  public func cycles(_ work: LayerWork) -> Double {
    let k = kernel(work.kernel)
    var sum = Double(k.perUnit) * Double(work.units)
    sum += Double(k.perVector + epilogue(work.epilogue)) * Double(work.vectors)
    sum += Double(k.perCode) * Double(work.decoded) + Double(step)
    return sum * stall
  }

  /// The cores in the table.
  public static let names: [StaticString] = [
    "cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76", "cortex-a78ae", "carmel", "x86-64",
  ]

  /// The same in one line.
  public static var nameList: String {
    var list = ""
    for name in names { list += list.utf8.isEmpty ? "\(name)" : " \(name)" }
    return list
  }

  /// The rates of a core; nil for one that the table lacks.
  public static func named(_ core: String) -> CoreRates? {
    for i in 0..<names.count where isSame(core, names[i]) {
      switch i {
      case 0:
        return CoreRates(
          name: names[i], model: "cortex-a53", stall: 1.15, numbers: cortexA53Cycles)
      case 1:
        return CoreRates(
          name: names[i], model: "cortex-a57", stall: 1.1, numbers: cortexA57Cycles)
      case 2:
        return CoreRates(
          name: names[i], model: "cortex-a72", stall: 1.1, numbers: cortexA72Cycles)
      // LLVM gives the Cortex-A76 and A78AE the model of a Cortex-A57, without their second wide
      // multiplier; that of the Neoverse N1, the same core as the A76, has it.
      case 3:
        return CoreRates(
          name: names[i], model: "neoverse-n1", stall: 1.1, numbers: neoverseN1Cycles)
      case 4:
        return CoreRates(
          name: names[i], model: "neoverse-n1", stall: 1.1, numbers: neoverseN1Cycles)
      // Carmel has no model; it lacks dot products, so it runs the armv8.0 kernels.
      case 5:
        return CoreRates(
          name: names[i], model: "neoverse-n1 without dot products", stall: 1.1,
          numbers: neoverseN1PlainCycles)
      // Measured on an AMD EPYC of 2.6 GHz with AVX-512 VNNI; no other PC is meant.
      default:
        return CoreRates(name: names[i], model: "one measured PC", stall: 1, numbers: hostCycles)
      }
    }
    return nil
  }

  private static func isSame(_ a: String, _ b: StaticString) -> Bool {
    var i = 0
    let bytes = b.utf8Start
    for byte in a.utf8 {
      if i == b.utf8CodeUnitCount || bytes[i] != byte { return false }
      i += 1
    }
    return i == b.utf8CodeUnitCount
  }
}
