/// The kernels of one instruction set. All sets give identical results (q values).
public struct KernelSet {
  /// The name that `--isa` takes: reference, avx2, avx512vnni, neon, neondot.
  public var name: StaticString
  /// A stored activation byte is q ^ storageXor: 0 (u8) or 0x80 (s8).
  public var storageXor: UInt8
  public var convolve: (ConvolutionJob) -> Void
  /// Instead of `convolve` on what is live, gathered.
  private var ownConvolveLive: ((ConvolutionJob, LiveChannels) -> Void)?
  /// Bit f: `convolve` starts from biasS8 for weights of format f.
  private var signedFormats: Int
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
    self.signedFormats = signedFormats ?? (storageXor == 0 ? 0 : ~0)
    ownConvolveLive = convolveLive
    self.depthwise = depthwise
    self.add = add
    self.multiply = multiply
    self.scaleChannels = scaleChannels
    self.lookup = lookup
    self.maxPool = maxPool
    self.averagePool = averagePool
    self.globalAverage = globalAverage
  }

  /// A convolution of the live blocks of the job's channels; its `scratch` is that of `convolve`.
  public func convolveLive(_ job: ConvolutionJob, _ live: LiveChannels) {
    if let ownConvolveLive {
      ownConvolveLive(job, live)
    } else {
      convolveGathered(job, live, isSigned: signedFormats >> job.format & 1 == 1, convolve)
    }
  }
}
