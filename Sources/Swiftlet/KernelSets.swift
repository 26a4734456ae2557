import CShims
import KernelsAVX2
import KernelsAVX512
import KernelsNEON
import KernelsNEONDot
import SwiftletCore
import SwiftletKernels

/// The kernel sets that this program and this CPU can run.
public enum KernelSets {
  /// Best first; the scalar reference is always last.
  public static func available() -> [KernelSet] {
    var sets: [KernelSet] = []
    #if arch(x86_64) && !hasFeature(Embedded)
      let features = shim_x86_features()
      if features & 2 != 0 { sets.append(KernelsAVX512.kernelSet) }
      if features & 1 != 0 { sets.append(KernelsAVX2.kernelSet) }
    #elseif arch(arm64)
      // HWCAP_ASIMDDP of the kernel's arm64 ELF hwcaps.
      if shim_hwcap() & (1 << 20) != 0 { sets.append(KernelsNEONDot.kernelSet) }
      sets.append(KernelsNEON.kernelSet)
    #endif
    sets.append(.reference)
    return sets
  }

  /// The set of that name, or the best one for `nil`.
  ///
  /// Throws USE003 if this CPU or program lacks it.
  public static func named(_ name: String?) throws(SwiftletError) -> KernelSet {
    let sets = available()
    guard let name else { return sets[0] }
    for set in sets where set.isNamed(name) { return set }
    var names = ""
    for set in sets { names += (names.isEmpty ? "" : ", ") + "\(set.name)" }
    throw SwiftletError(
      .badValue, place: "--isa", expected: "one that this machine runs: " + names, found: name)
  }
}

extension KernelSet {
  /// Compares bytes: string equality would link Unicode tables for nothing.
  func isNamed(_ text: String) -> Bool {
    text.utf8.elementsEqual("\(name)".utf8)
  }
}
