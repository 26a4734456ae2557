import KernelSelfTest
import SwiftletKernels
import Testing

/// The depthwise kernels of every instruction set that this CPU has, beside the scalar reference.
@Suite struct DepthwiseTests {
  @Test(arguments: KernelSetsUnderTest.names)
  func depthwise_anyShapeAndPart_equalsReference(_ name: String) {
    let kernels = KernelSetsUnderTest.named(name)
    var memory = GuardedMemory()
    var cases = 0
    var wrong: [String] = []
    DepthwiseCases.all { item in
      cases += 1
      let bytes = item.mismatches(
        kernels.depthwise, storageXor: kernels.storageXor, in: &memory)
      if bytes > 0 { wrong.append("\(bytes) bytes differ: \(item)") }
    }
    #expect(cases > 2000)
    #expect(wrong.isEmpty, "\(wrong.count) cases, the first: \(wrong.first ?? "")")
  }

  @Test(arguments: KernelSetsUnderTest.names)
  func depthwise_residualInPlace_equalsReference(_ name: String) {
    let kernels = KernelSetsUnderTest.named(name)
    for width in [1, 3, 5, 7, 8, 11, 14] {
      var memory = GuardedMemory()
      var item = DepthwiseCase()
      (item.padTop, item.padLeft, item.padBottom, item.padRight) = (1, 1, 1, 1)
      item.width = width
      item.height = 5
      item.epilogue = 1
      var job = item.makeJob(storageXor: kernels.storageXor, in: &memory)
      let bytes = job.epilogue.residualPlane
      let expected = memory.make(bytes + 128), actual = memory.make(bytes + 128)
      for p in [expected, actual] { p.copyMemory(from: job.epilogue.residual, byteCount: bytes) }
      (job.outputLine, job.outputPlane) = (job.epilogue.residualLine, bytes)
      job.output = expected
      job.epilogue.residual = UnsafeRawPointer(expected)
      referenceDepthwise(job, storageXor: kernels.storageXor)
      job.output = actual
      job.epilogue.residual = UnsafeRawPointer(actual)
      kernels.depthwise(job)
      let a = UnsafeRawBufferPointer(start: actual, count: bytes)
      #expect(a.elementsEqual(UnsafeRawBufferPointer(start: expected, count: bytes)))
    }
  }

  @Test func comparison_kernelThatWritesOutside_isNoticed() {
    var item = DepthwiseCase()
    item.width = 5
    item.height = 3
    item.rowPart = 0..<2
    var memory = PlainMemory()
    let broken: (DepthwiseJob) -> Void = { job in
      referenceDepthwise(job, storageXor: 0)
      (job.output + 5 * 16).storeBytes(of: 0, as: UInt8.self)
    }
    #expect(item.mismatches(broken, storageXor: 0, in: &memory) == 1)
  }

  @Test func reference_onePixelWithPadding_matchesHandComputedValues() {
    // A 1x1 input in the middle of a 3x3 window: q = 10, padding worth 2, all weights 1.
    var input = [UInt8](repeating: 10, count: 16)
    let zero = [UInt8](repeating: 2, count: 16)
    let weights = [Int8](repeating: 1, count: 9 * 16)
    var bias = [Int32](repeating: 0, count: 16)
    bias[1] = -25  // 26 - 25 = 1, times 0.5: the half rounds to even, 0
    bias[2] = -23  // 1.5 rounds to 2
    bias[3] = 2000  // clamps
    let scale = [Float](repeating: 0.5, count: 16)
    var output = [UInt8](repeating: 9, count: 16)
    output.withUnsafeMutableBytes { output in
      input.withUnsafeMutableBytes { input in
        weights.withUnsafeBytes { weights in
          zero.withUnsafeBytes { zero in
            bias.withUnsafeBytes { bias in
              scale.withUnsafeBytes { scale in
                let (b, s) = (bias.baseAddress!, scale.baseAddress!)
                let job = DepthwiseJob(
                  input: input.baseAddress!, inputPlane: 16, inputLine: 16, inputHeight: 1,
                  inputWidth: 1, inputZero: zero.baseAddress!, weights: weights.baseAddress!,
                  kernelHeight: 3, kernelWidth: 3, strideY: 1, strideX: 1, dilationY: 1,
                  dilationX: 1, padTop: 1, padLeft: 1, output: output.baseAddress!,
                  outputPlane: 16, outputLine: 16, height: 1, width: 1,
                  epilogue: Epilogue(
                    kind: 0, scale: s, biasU8: b, biasS8: b, outScale: s, outZero: b, residual: b,
                    residualPlane: 0, residualLine: 0, residualScale: 0), blocks: 1,
                  scratch: input.baseAddress!)
                referenceDepthwise(job, storageXor: 0)
              }
            }
          }
        }
      }
    }
    #expect(output == [13, 0, 2, 255] + [UInt8](repeating: 13, count: 12))
  }
}
