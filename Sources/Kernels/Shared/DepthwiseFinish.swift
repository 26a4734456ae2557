#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  // How the accumulators of a depthwise convolution become bytes; the formulas stand in
  // docs/architecture.md. A type for each, so that inner loops carry no branch.

  protocol DepthwiseFinish {
    static var addsResidual: Bool { get }
    static var isHardSwish: Bool { get }
  }
  enum LinearFinish: DepthwiseFinish {
    @inline(__always) static var addsResidual: Bool { false }
    @inline(__always) static var isHardSwish: Bool { false }
  }
  enum ResidualFinish: DepthwiseFinish {
    @inline(__always) static var addsResidual: Bool { true }
    @inline(__always) static var isHardSwish: Bool { false }
  }
  enum HardSwishFinish: DepthwiseFinish {
    @inline(__always) static var addsResidual: Bool { false }
    @inline(__always) static var isHardSwish: Bool { true }
  }

  /// Constants of one block of 16 channels.
  struct DepthwiseConstants<F: DepthwiseFinish> {
    var bias: UnsafeRawPointer  // Int32 [16]
    var scale: UnsafeRawPointer  // Float [16]
    var outScale: UnsafeRawPointer  // Float [16]
    var residualScale: Float
    var lowZero: Halves  // outZero of channels 0-7 and 8-15
    var highZero: Halves

    @inline(__always)
    init(_ e: Epilogue, block: Int) {
      let at = block * 64
      bias = Lane.bias(e) + at
      scale = e.scale + at
      outScale = e.outScale
      residualScale = e.residualScale
      lowZero = Lane.splatHalves(0)
      highZero = Lane.splatHalves(0)
      if F.isHardSwish {
        outScale = e.outScale + at
        let z = e.outZero + at
        lowZero = Lane.pack(Lane.spreadInts(z), Lane.spreadInts(z + 16))
        highZero = Lane.pack(Lane.spreadInts(z + 32), Lane.spreadInts(z + 48))
      }
    }

    /// Quarter `i` of the outputs, not yet saturated; `residual` is its q.
    @inline(__always)
    func value(_ acc: Floats, _ i: Int, _ residual: Ints) -> Ints {
      let x = multiply(acc, Lane.spreadFloats(scale + i * 16))
      if F.isHardSwish {
        let gated = multiply(x, clampToSix(add(x, splatFloat(3))))
        return rounded(multiply(gated, Lane.spreadFloats(outScale + i * 16)))
      }
      if F.addsResidual {
        return rounded(add(x, multiply(Lane.floats(residual), splatFloat(residualScale))))
      }
      return rounded(x)
    }

    /// Bytes of the packed outputs. Saturating to 16 bits before outZero (0...255) is added
    /// changes nothing: the sum saturates to the same byte.
    @inline(__always)
    func bytes(_ low: Halves, _ high: Halves) -> Bytes {
      if !F.isHardSwish { return Lane.bytes(low, high) }
      return Lane.bytes(Lane.addSaturated(low, lowZero), Lane.addSaturated(high, highZero))
    }
  }

  /// The residual of the pixels at p (nothing is read without one).
  @inline(__always)
  func residualQuarters<F: DepthwiseFinish>(
    _: F.Type, _ p: UnsafeRawPointer
  ) -> InlineArray<4, Ints> {
    if F.addsResidual { return Lane.widen(load(p), Lane.zero(0)) }
    return InlineArray(repeating: zeroInts())
  }
#endif
