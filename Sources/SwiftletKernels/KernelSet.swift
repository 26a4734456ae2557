/// The kernels of one instruction set. All sets give identical results (q values).
public struct KernelSet {
  /// The name that `--isa` takes: reference, avx2, avx512vnni, neon, neondot.
  public var name: StaticString
  /// A stored activation byte is q ^ storageXor: 0 (u8) or 0x80 (s8).
  public var storageXor: UInt8
  public var convolve: (ConvolutionJob) -> Void
  /// The live blocks of the job's channels; its `scratch` is that of `convolve`.
  public var convolveLive: (ConvolutionJob, LiveChannels) -> Void
  public var depthwise: (DepthwiseJob) -> Void
  public var add: (ElementwiseJob) -> Void
  public var multiply: (ElementwiseJob) -> Void
  public var scaleChannels: (ElementwiseJob) -> Void
  public var lookup: (ElementwiseJob) -> Void
  public var maxPool: (PoolJob) -> Void
  public var averagePool: (PoolJob) -> Void
  /// Mean over inputHeight x inputWidth positions, one output pixel a block: uses input,
  /// inputPlane, inputLine, output, outputPlane, a, zeros, blocks.
  public var globalAverage: (PoolJob) -> Void

  /// Makes a set; a kernel that an instruction set lacks comes from the reference. Without a
  /// `convolveLive` of its own, what is live is gathered for `convolve`; bits of `signedFormats`
  /// name the weight formats for which that starts from biasS8 (nil: all or none, by storage).
  public init(
    name: StaticString, storageXor: UInt8, convolve: @escaping (ConvolutionJob) -> Void,
    depthwise: @escaping (DepthwiseJob) -> Void, add: @escaping (ElementwiseJob) -> Void,
    multiply: @escaping (ElementwiseJob) -> Void,
    scaleChannels: @escaping (ElementwiseJob) -> Void,
    lookup: @escaping (ElementwiseJob) -> Void, maxPool: @escaping (PoolJob) -> Void,
    averagePool: @escaping (PoolJob) -> Void, globalAverage: @escaping (PoolJob) -> Void,
    signedFormats: Int? = nil, convolveLive: ((ConvolutionJob, LiveChannels) -> Void)? = nil
  ) {
    self.name = name
    self.storageXor = storageXor
    self.convolve = convolve
    let signed = signedFormats ?? (storageXor == 0 ? 0 : ~0)
    self.convolveLive =
      convolveLive ?? {
        SwiftletKernels.convolveLive($0, $1, isSigned: signed >> $0.format & 1 == 1, convolve)
      }
    self.depthwise = depthwise
    self.add = add
    self.multiply = multiply
    self.scaleChannels = scaleChannels
    self.lookup = lookup
    self.maxPool = maxPool
    self.averagePool = averagePool
    self.globalAverage = globalAverage
  }
}
