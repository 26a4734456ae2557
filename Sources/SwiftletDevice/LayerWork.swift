import Swiftlet
import SwiftletCore
import SwiftletPower

extension LayerWork {
  /// The counts of one step of a plan, at the bits in use.
  public init(_ step: StepInfo) {
    self.init()
    let pixels = step.shape.height * step.shape.width
    let blocks = (step.shape.channels + 15) / 16
    macs = step.macs
    vectors = pixels * blocks
    weightBytes = step.weightBytes
    activationBytes = step.activationBytes
    let r = step.record
    for i in 0..<parts.count { parts[i] = UInt8(min(255, step.parts(threads: i + 1))) }
    switch step.code {
    case .convolution, .pixelConvolution:
      units = vectors * r.groups * 128
      let weights = blocks * r.groups * 128
      // Alone, the first plane of a nested file is read.
      if step.format == .code4 { weightBytes = weights / 2 }
      let isVector = pixels == 1 && step.isFlat
      if step.format != .int8 && !isVector { decoded = weights }
      let first: KernelClass =
        step.code == .pixelConvolution
        ? .pixelsInt8 : isVector ? .vectorInt8 : step.isFlat ? .matrixInt8 : .windowInt8
      // int8, code4 and nested8 follow one another in both lists.
      let raw = first.rawValue + max(step.format.rawValue, 1) - 1
      kernel = KernelClass(rawValue: raw) ?? first
      epilogue = EpilogueClass(rawValue: r.epilogue.rawValue) ?? .linear
    case .depthwiseConvolution:
      units = vectors * r.kernelHeight * r.kernelWidth * 16
      epilogue = EpilogueClass(rawValue: r.epilogue.rawValue) ?? .linear
      kernel = LayerWork.depthwise(r)
    case .add: kernel = .add
    case .multiply: kernel = .multiply
    case .scaleChannels: kernel = .scaleChannels
    case .lookup: kernel = .lookup
    case .maxPool, .averagePool:
      units = vectors * r.kernelHeight * r.kernelWidth * 16
      kernel = step.code == .maxPool ? .maxPool : .averagePool
    case .globalAveragePool:
      units = step.inputBytes
      kernel = .globalAverage
    case .concat, .slice, .pad, .resizeNearest: kernel = .copy
    case .resizeLinear, .prelu, .softmax, .dequantize, .gate: kernel = .portable
    }
  }

  private static func depthwise(_ r: OperatorRecord) -> KernelClass {
    let stride = r.strideX
    guard r.kernelHeight == r.kernelWidth, r.strideY == stride, r.dilationX == 1,
      r.dilationY == 1, stride == 1 || stride == 2
    else { return .depthwiseOther }
    switch r.kernelWidth {
    case 3: return stride == 1 ? .depthwise3 : .depthwise3By2
    case 5: return stride == 1 ? .depthwise5 : .depthwise5By2
    default: return .depthwiseOther
    }
  }
}

/// The work of every step of a session's plan, at the bits in use.
public func layerWork(_ session: borrowing Session) -> [LayerWork] {
  var list: [LayerWork] = []
  for i in 0..<session.stepCount { list.append(LayerWork(session.step(i))) }
  return list
}
