#if (X86_KERNELS && arch(x86_64)) || (ARM_KERNELS && arch(arm64))
  import SwiftletKernels

  /// How accumulators become rounded values; saturation follows in `narrow`. The operations and
  /// their order are the contract (docs/architecture.md): nothing may be fused or reordered.
  protocol Finish {
    /// Constants of one vector of channels.
    associatedtype Constants
    static func constants(_ epilogue: Epilogue, channel: Int) -> Constants
    /// `residual` is the pixel's block of 16 channels, `vector` counts within it.
    static func value(
      _ acc: Acc, _ constants: Constants, _ residual: UnsafeRawPointer, _ vector: Int
    ) -> Ints
  }

  enum Linear: Finish {
    @inline(__always) static func constants(_ epilogue: Epilogue, channel: Int) -> Floats {
      loadFloats(epilogue.scale + channel * 4)
    }
    @inline(__always)
    static func value(_ acc: Acc, _ scale: Floats, _ residual: UnsafeRawPointer, _ vector: Int)
      -> Ints
    {
      rounded(multiply(toFloats(acc), scale))
    }
  }

  enum Residual: Finish {
    struct Constants {
      var scale: Floats
      var residualScale: Floats
    }
    @inline(__always) static func constants(_ epilogue: Epilogue, channel: Int) -> Constants {
      Constants(
        scale: loadFloats(epilogue.scale + channel * 4),
        residualScale: splatFloat(epilogue.residualScale))
    }
    @inline(__always)
    static func value(_ acc: Acc, _ k: Constants, _ residual: UnsafeRawPointer, _ vector: Int)
      -> Ints
    {
      let r = multiply(residualFloats(residual, vector), k.residualScale)
      return rounded(add(multiply(toFloats(acc), k.scale), r))
    }
  }

  enum HardSwish: Finish {
    struct Constants {
      var scale: Floats
      var outScale: Floats
      var outZero: Ints
    }
    @inline(__always) static func constants(_ epilogue: Epilogue, channel: Int) -> Constants {
      Constants(
        scale: loadFloats(epilogue.scale + channel * 4),
        outScale: loadFloats(epilogue.outScale + channel * 4),
        outZero: loadInts(epilogue.outZero + channel * 4))
    }
    @inline(__always)
    static func value(_ acc: Acc, _ k: Constants, _ residual: UnsafeRawPointer, _ vector: Int)
      -> Ints
    {
      let x = multiply(toFloats(acc), k.scale)
      let y = multiply(x, clampToSix(add(x, splatFloat(3))))
      return add(rounded(multiply(y, k.outScale)), k.outZero)
    }
  }

  extension Tile {
    /// Bytes: four vectors become `lanes` pixels of 16 channels in one vector.
    @inline(__always)
    static func store<F: Finish>(
      _ finish: F.Type, _ job: ConvolutionJob, _ channel: Int, _ acc: Grid, _ pixels: Pixels
    ) {
      let vectors = 16 / width
      for b in 0..<C / vectors {
        let n = channel + b * 16
        let output = job.output + n / 16 * job.outputPlane
        let residual = job.epilogue.residual + n / 16 * job.epilogue.residualPlane
        var k = InlineArray<4, F.Constants>(repeating: F.constants(job.epilogue, channel: n))
        for v in 1..<vectors { k[v] = F.constants(job.epilogue, channel: n + v * width) }
        for group in 0..<(R + lanes - 1) / lanes {
          let first = group * lanes
          var q = InlineArray<4, Ints>(repeating: zeroInts())
          for i in 0..<4 {
            let r = min(first + i / vectors, R - 1)
            let v = i % vectors
            let other = residual + (P.isFlat ? pixels.residual[0] + r * 16 : pixels.residual[r])
            q[i] = F.value(acc[r][b * vectors + v], k[v], other, v)
          }
          let bytes = narrow(q[0], q[1], q[2], q[3])
          if P.isFlat && first + lanes <= R {
            (output + pixels.output[0] + first * 16).storeBytes(of: bytes, as: Bytes.self)
          } else {
            for i in 0..<min(lanes, R - first) {
              let r = first + i
              let at = P.isFlat ? pixels.output[0] + r * 16 : pixels.output[r]
              (output + at).storeBytes(of: block(bytes, i), as: Block.self)
            }
          }
        }
      }
    }

    /// Floats [N/16][pixel][16]; `outputPlane` is in bytes, a pixel takes 64.
    @inline(__always)
    static func storeFloats(
      _ job: ConvolutionJob, _ channel: Int, _ acc: Grid, _ pixels: Pixels
    ) {
      let vectors = 16 / width
      for b in 0..<C / vectors {
        let n = channel + b * 16
        let output = job.output + n / 16 * job.outputPlane
        for v in 0..<vectors {
          let scale = loadFloats(job.epilogue.scale + (n + v * width) * 4)
          for r in 0..<R {
            let at = P.isFlat ? pixels.output[0] + r * 64 : pixels.output[r]
            let value = multiply(toFloats(acc[r][b * vectors + v]), scale)
            (output + at + v * width * 4).storeBytes(of: value, as: Floats.self)
          }
        }
      }
    }
  }
#endif
