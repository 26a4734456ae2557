import KernelSelfTest
import SwiftletKernels
import Testing

/// The pools of every instruction set that this CPU has, beside the scalar reference.
@Suite struct PoolTests {
  @Test(arguments: KernelSetsUnderTest.names)
  func pool_anyWindowAndPart_equalsReference(_ name: String) {
    let kernels = KernelSetsUnderTest.named(name)
    var memory = GuardedMemory()
    var cases = 0
    var wrong: [String] = []
    PoolCase.all { item in
      cases += 1
      let bytes = item.mismatches(kernels, in: &memory)
      if bytes > 0 { wrong.append("\(bytes) bytes differ: \(item)") }
    }
    #expect(cases > 290)
    #expect(wrong.isEmpty, "\(wrong.count) cases, the first: \(wrong.first ?? "")")
  }

  @Test func comparison_wrongMaximum_isNoticed() {
    var memory = PlainMemory()
    let item = PoolCase()
    var kernels = KernelSet.reference
    kernels.maxPool = { job in
      referenceMaxPool(job, storageXor: 0)
      job.output.storeBytes(of: job.output.load(as: UInt8.self) ^ 1, as: UInt8.self)
    }
    #expect(item.mismatches(kernels, in: &memory) == 1)
  }

  @Test func reference_cornerWindow_matchesHandComputedValues() {
    // 2x2 input 10, 20, 30, 41 under a 3x3 window whose first row and column are padding.
    var input = [UInt8](repeating: 0, count: 64)
    for (i, q) in [UInt8(10), 20, 30, 41].enumerated() {
      for lane in 0..<16 { input[i * 16 + lane] = q }
    }
    func run(_ kernel: (PoolJob) -> Void, _ countsPadding: Bool) -> UInt8 {
      var output = [UInt8](repeating: 7, count: 16)
      output.withUnsafeMutableBytes { output in
        input.withUnsafeMutableBytes { input in
          kernel(
            PoolJob(
              input: input.baseAddress!, inputPlane: 64, inputLine: 32, inputHeight: 2,
              inputWidth: 2, kernelHeight: 3, kernelWidth: 3, strideY: 1, strideX: 1, dilationY: 1,
              dilationX: 1, padTop: 1, padLeft: 1, output: output.baseAddress!, outputPlane: 16,
              outputLine: 16, height: 1, width: 1, a: 1, xZero: 5, zero: 3,
              countsPadding: countsPadding, blocks: 1))
        }
      }
      return output[0]
    }
    #expect(run({ referenceMaxPool($0, storageXor: 0) }, false) == 41)
    // (101 - 4 * 5) / 4 + 3 = 20.25 + 3, (101 - 4 * 5) / 9 + 3 = 9 + 3.
    #expect(run({ referenceAveragePool($0, storageXor: 0) }, false) == 23)
    #expect(run({ referenceAveragePool($0, storageXor: 0) }, true) == 12)
    #expect(run({ referenceGlobalAverage($0, storageXor: 0) }, false) == 23)
  }
}
