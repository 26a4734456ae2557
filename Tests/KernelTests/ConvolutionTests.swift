import KernelSelfTest
import SwiftletKernels
import Testing

/// The dense kernels of every instruction set that this CPU has, beside the scalar reference.
@Suite struct ConvolutionTests {
  @Test(arguments: KernelUnderTest.supported)
  func convolution_anyShapeFormatAndEpilogue_equalsReference(_ kernel: KernelUnderTest) {
    var memory = GuardedMemory()
    var cases = 0
    var wrong: [String] = []
    ConvolutionCases.all { item in
      cases += 1
      let bytes = item.mismatches(kernel.convolve, storageXor: kernel.storageXor, in: &memory)
      if bytes > 0 { wrong.append("\(bytes) bytes differ: \(item)") }
    }
    #expect(cases > 2000)
    #expect(wrong.isEmpty, "\(wrong.count) cases, the first: \(wrong.first ?? "")")
  }

  @Test(arguments: KernelUnderTest.supported)
  func convolution_withBlocksLeftOut_equalsReference(_ kernel: KernelUnderTest) {
    var memory = GuardedMemory()
    var cases = 0
    var wrong: [String] = []
    LiveCases.all { item, input, output in
      cases += 1
      let bytes = item.liveMismatches(
        KernelSetsUnderTest.named(kernel.name).convolveLive, input: input, output: output,
        storageXor: kernel.storageXor, in: &memory)
      if bytes > 0 { wrong.append("\(bytes) bytes differ: \(input) \(output) \(item)") }
    }
    #expect(cases > 700)
    #expect(wrong.isEmpty, "\(wrong.count) cases, the first: \(wrong.first ?? "")")
  }

  @Test func reference_blockLeftOut_countsAsItsMeans() {
    var memory = PlainMemory()
    var item = ConvolutionCase()
    (item.inputs, item.channels, item.kernelHeight, item.kernelWidth) = (40, 32, 3, 3)
    (item.height, item.width) = (2, 3)
    var numbers = TestNumbers(seed: 5)
    let job = item.makeJob(storageXor: 0, numbers: &numbers, in: &memory)
    let live = item.makeLive(
      job, input: 0b101, output: 0b10, storageXor: 0, numbers: &numbers, in: &memory)
    for i in 0..<2 * job.outputPlane {
      job.output.storeBytes(of: 0xA5, toByteOffset: i, as: UInt8.self)
    }
    referenceConvolveLive(job, live, storageXor: 0)
    for i in 0..<job.outputPlane {
      #expect(job.output.load(fromByteOffset: i, as: UInt8.self) == 0xA5)
    }
    // The same input with the means in memory gives the same bytes without a gate.
    let planes = UnsafeMutableRawPointer(mutating: job.input)
    for at in 0..<job.inputPlane {
      let mean = live.means.load(fromByteOffset: 16 + at % 16, as: UInt8.self)
      planes.storeBytes(of: mean, toByteOffset: job.inputPlane + at, as: UInt8.self)
    }
    let found = (0..<2 * job.outputPlane).map {
      job.output.load(fromByteOffset: $0, as: UInt8.self)
    }
    referenceConvolve(job, storageXor: 0)
    let wanted = (0..<2 * job.outputPlane).map {
      job.output.load(fromByteOffset: $0, as: UInt8.self)
    }
    #expect(found[job.outputPlane...] == wanted[job.outputPlane...])
    memory.clear()
  }

  @Test func comparison_wrongKernel_isNoticed() {
    var memory = PlainMemory()
    var item = ConvolutionCase()
    item.channels = 32
    item.width = 5
    let broken: (ConvolutionJob) -> Void = { job in
      referenceConvolve(job, storageXor: 0)
      let last = job.output + 1 * job.outputPlane + 4 * 16
      last.storeBytes(of: last.load(as: UInt8.self) ^ 1, as: UInt8.self)
    }
    #expect(item.mismatches(broken, storageXor: 0, in: &memory) == 1)
  }

  @Test func reference_onePixel_matchesHandComputedValues() {
    // Two groups, one output block: q = 1...16, w = 1 for channel 0, -1 for channel 1, 0 else.
    var input = [UInt8](1...16)
    input += [UInt8](repeating: 0, count: 128)
    var weights = [Int8](repeating: 0, count: 256)
    for group in 0..<2 {
      for half in 0..<2 {
        for i in 0..<4 {
          weights[group * 128 + half * 64 + i] = 1
          weights[group * 128 + half * 64 + 4 + i] = -1
        }
      }
    }
    var bias = [Int32](repeating: 0, count: 16)
    bias[1] = 137  // 137 - 136 = 1, times 0.5: the half rounds to even, 0
    bias[2] = 3  // 1.5 rounds to 2
    bias[3] = 2000  // clamps
    let scale = [Float](repeating: 0.5, count: 16)
    let offsets: [Int32] = [0, 8]
    var output = [UInt8](repeating: 9, count: 16)
    output.withUnsafeMutableBytes { output in
      input.withUnsafeBytes { input in
        weights.withUnsafeBytes { weights in
          bias.withUnsafeBytes { bias in
            scale.withUnsafeBytes { scale in
              offsets.withUnsafeBytes { offsets in
                let (w, b, s) = (weights.baseAddress!, bias.baseAddress!, scale.baseAddress!)
                let job = ConvolutionJob(
                  input: input.baseAddress!, rowStep: 16, pixelStep: 16,
                  offsets: offsets.baseAddress!, groups: 2, format: 1, weights: w, tables: w,
                  fine: w, fineTables: w, output: output.baseAddress!, outputPlane: 16,
                  outputLine: 16, channels: 16, height: 1, width: 1,
                  epilogue: Epilogue(
                    kind: 0, scale: s, biasU8: b, biasS8: b, outScale: s, outZero: b, residual: w,
                    residualPlane: 0, residualLine: 0, residualScale: 0), isFlat: true,
                  inputPlane: 16, scratch: output.baseAddress!)
                referenceConvolve(job, storageXor: 0)
              }
            }
          }
        }
      }
    }
    #expect(output[0...3] == [68, 0, 2, 255])
    #expect(output[4...] == [UInt8](repeating: 0, count: 12)[...])
  }
}
