import KernelSelfTest
import SwiftletKernels
import Testing

/// The elementwise kernels of every instruction set that this CPU has, beside the reference.
@Suite struct ElementwiseTests {
  @Test(arguments: KernelSetsUnderTest.names)
  func elementwise_anyCountAndPlace_equalsReference(_ name: String) {
    let kernels = KernelSetsUnderTest.named(name)
    var memory = GuardedMemory()
    var cases = 0
    var wrong: [String] = []
    ElementwiseCase.all { item in
      cases += 1
      let bytes = item.mismatches(kernels, in: &memory)
      if bytes > 0 { wrong.append("\(bytes) bytes differ: \(item)") }
    }
    #expect(cases == 100)
    #expect(wrong.isEmpty, "\(wrong.count) cases, the first: \(wrong.first ?? "")")
  }

  @Test func comparison_wrongTable_isNoticed() {
    var memory = PlainMemory()
    var item = ElementwiseCase()
    item.kind = .lookup
    item.count = 65536
    var kernels = KernelSet.reference
    kernels.lookup = { job in
      referenceLookup(job)
      job.output.storeBytes(of: job.output.load(as: UInt8.self) ^ 1, as: UInt8.self)
    }
    #expect(item.mismatches(kernels, in: &memory) == 1)
  }

  @Test func reference_someValues_matchHandComputedValues() {
    var x: [UInt8] = [0, 1, 3, 10, 200, 255] + [UInt8](repeating: 0, count: 10)
    var y: [UInt8] = [0, 0, 0, 20, 200, 255] + [UInt8](repeating: 0, count: 10)
    func run(_ kernel: (ElementwiseJob) -> Void, _ a: Float, _ zero: Int) -> [UInt8] {
      var output = [UInt8](repeating: 7, count: 16)
      output.withUnsafeMutableBytes { output in
        x.withUnsafeMutableBytes { x in
          y.withUnsafeMutableBytes { y in
            kernel(
              ElementwiseJob(
                x: x.baseAddress!, y: y.baseAddress!, table: x.baseAddress!,
                output: output.baseAddress!, count: 16, a: a, b: 1, c: 0, xZero: 5, yZero: 10,
                zero: zero, plane: 16))
          }
        }
      }
      return Array(output[0..<6])
    }
    // 0.5 x + y: 0, 0.5 (to even: 0), 1.5 (2), 25, 300 and 382.5 (255).
    #expect(run({ referenceAdd($0, storageXor: 0) }, 0.5, 0) == [0, 0, 2, 25, 255, 255])
    // ((x - 5)(y - 10)) / 8 + 2: 50/8 = 6.25, 40/8, 20/8 = 2.5 (2), 50/8, and beyond 255.
    #expect(run({ referenceMultiply($0, storageXor: 0) }, 0.125, 2) == [8, 7, 4, 8, 255, 255])
  }
}
