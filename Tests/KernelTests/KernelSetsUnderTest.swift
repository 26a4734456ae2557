import Foundation
import SwiftletKernels

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#else
  import KernelsNEON
  import KernelsNEONDot
#endif

/// Names of the kernel sets that this CPU runs, and the sets. (A set holds closures that are not
/// Sendable, so tests take the name as their argument.)
enum KernelSetsUnderTest {
  static let names: [String] = KernelUnderTest.supported.map(\.name)

  static func named(_ name: String) -> KernelSet {
    #if arch(x86_64)
      return name == "avx2" ? KernelsAVX2.kernelSet : KernelsAVX512.kernelSet
    #else
      return name == "neon" ? KernelsNEON.kernelSet : KernelsNEONDot.kernelSet
    #endif
  }
}
