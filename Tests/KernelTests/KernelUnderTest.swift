import Foundation
import SwiftletKernels
import Testing

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#else
  import KernelsNEON
  import KernelsNEONDot
#endif

/// The convolution of one instruction set.
struct KernelUnderTest: Sendable, CustomTestStringConvertible {
  var name: String
  var storageXor: UInt8
  var convolve: @Sendable (ConvolutionJob) -> Void

  var testDescription: String { name }

  /// Those that this CPU runs.
  static var supported: [KernelUnderTest] {
    let flags = cpuFlags()
    var kernels: [KernelUnderTest] = []
    #if arch(x86_64)
      if flags.contains("avx2") {
        kernels.append(
          KernelUnderTest(name: "avx2", storageXor: 0, convolve: { convolveAVX2($0) }))
      }
      if flags.isSuperset(of: ["avx512bw", "avx512vl", "avx512dq", "avx512_vnni"]) {
        kernels.append(
          KernelUnderTest(name: "avx512vnni", storageXor: 0, convolve: { convolveAVX512($0) }))
      }
    #else
      kernels.append(
        KernelUnderTest(name: "neon", storageXor: 0x80, convolve: { convolveNEON($0) }))
      if flags.contains("asimddp") {
        kernels.append(
          KernelUnderTest(name: "neondot", storageXor: 0x80, convolve: { convolveNEONDot($0) }))
      }
    #endif
    return kernels
  }
}

/// Features as Linux names them.
private func cpuFlags() -> Set<String> {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
  return Set((line ?? "").split(separator: " ").map(String.init))
}
