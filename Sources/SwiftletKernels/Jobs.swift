// What kernels are told: plain values of pointers and sizes, made once by a plan. Kernels trust
// every field (the model verifier and the plan proved them) and check nothing.
//
// Activations are blocked: [C/16][H][W][16] bytes. A stored byte is q ^ storageXor of the kernel
// set: q itself on x86 (u8 dot products), q - 128 on ARM (s8 dot products).
// `plane` is the distance in bytes from one block of 16 channels to the next, `line` from one
// row to the next; a pixel takes 16 bytes (4 in an image of 4-byte pixels).

/// How accumulators become outputs; the formulas stand at `EpilogueKind` in SwiftletCore.
@frozen public struct Epilogue {
  /// Raw value of `EpilogueKind`: 0 linear, 1 residual, 2 hard-swish, 3 float.
  public var kind: Int
  public var scale: UnsafeRawPointer  // Float [N]
  public var biasU8: UnsafeRawPointer  // Int32 [N]
  public var biasS8: UnsafeRawPointer  // Int32 [N]
  public var outScale: UnsafeRawPointer  // Float [N], hard-swish
  public var outZero: UnsafeRawPointer  // Int32 [N], hard-swish
  public var residual: UnsafeRawPointer  // first pixel, stored bytes
  public var residualPlane: Int
  public var residualLine: Int
  public var residualScale: Float

  @inlinable
  public init(
    kind: Int, scale: UnsafeRawPointer, biasU8: UnsafeRawPointer, biasS8: UnsafeRawPointer,
    outScale: UnsafeRawPointer, outZero: UnsafeRawPointer, residual: UnsafeRawPointer,
    residualPlane: Int, residualLine: Int, residualScale: Float
  ) {
    self.kind = kind
    self.scale = scale
    self.biasU8 = biasU8
    self.biasS8 = biasS8
    self.outScale = outScale
    self.outZero = outZero
    self.residual = residual
    self.residualPlane = residualPlane
    self.residualLine = residualLine
    self.residualScale = residualScale
  }
}

/// One dense convolution (or fully connected layer), or a part of it.
///
/// acc[pixel][n] = bias[n] + sum over groups g, i in 0..<8 of
/// input[base(pixel) + offsets[g] + i] * w[n][8g + i], base = y * rowStep + x * pixelStep.
@frozen public struct ConvolutionJob {
  public var input: UnsafeRawPointer  // what output pixel (0, 0) reads at offset 0
  public var rowStep: Int  // bytes of input from one output row to the next
  public var pixelStep: Int  // bytes of input from one output pixel to the next
  public var offsets: UnsafeRawPointer  // Int32 [groups]
  public var groups: Int
  /// Raw value of `WeightFormat`: 1 int8, 2 code4, 3 nested8.
  public var format: Int
  public var weights: UnsafeRawPointer  // [N/16][groups][2][16][4] int8, or [N/16][groups][16][4]
  public var tables: UnsafeRawPointer  // int8 [N/4][16]
  public var fine: UnsafeRawPointer  // second nibble plane
  public var fineTables: UnsafeRawPointer
  public var output: UnsafeMutableRawPointer
  public var outputPlane: Int
  public var outputLine: Int
  public var channels: Int  // N, a multiple of 16
  public var height: Int
  public var width: Int
  public var epilogue: Epilogue
  /// Pixels of the input lie 16 bytes apart without a break, so do those of the output (and of
  /// the residual), and offsets[g] = g/2 * inputPlane + g%2 * 8: a plain matrix product.
  public var isFlat: Bool
  public var inputPlane: Int
  // The part to do: channels in steps of 16, pixels counted along rows (y * width + x).
  public var firstChannel: Int
  public var endChannel: Int
  public var firstPixel: Int
  public var endPixel: Int
  public var scratch: UnsafeMutableRawPointer  // convolutionScratchBytes(groups), 64-aligned

  @inlinable
  public init(
    input: UnsafeRawPointer, rowStep: Int, pixelStep: Int, offsets: UnsafeRawPointer, groups: Int,
    format: Int, weights: UnsafeRawPointer, tables: UnsafeRawPointer, fine: UnsafeRawPointer,
    fineTables: UnsafeRawPointer, output: UnsafeMutableRawPointer, outputPlane: Int,
    outputLine: Int, channels: Int, height: Int, width: Int, epilogue: Epilogue, isFlat: Bool,
    inputPlane: Int, scratch: UnsafeMutableRawPointer
  ) {
    self.input = input
    self.rowStep = rowStep
    self.pixelStep = pixelStep
    self.offsets = offsets
    self.groups = groups
    self.format = format
    self.weights = weights
    self.tables = tables
    self.fine = fine
    self.fineTables = fineTables
    self.output = output
    self.outputPlane = outputPlane
    self.outputLine = outputLine
    self.channels = channels
    self.height = height
    self.width = width
    self.epilogue = epilogue
    self.isFlat = isFlat
    self.inputPlane = inputPlane
    self.scratch = scratch
    firstChannel = 0
    endChannel = channels
    firstPixel = 0
    endPixel = height * width
  }
}

/// Scratch of one thread for a convolution: the decoded weights of 128 channels.
@inlinable public func convolutionScratchBytes(groups: Int) -> Int { groups * 1024 + 256 }

/// Depthwise convolution: each channel with its own kernel; the input has no border of its own.
///
/// acc = bias[c] + sum over ky, kx of q(y*strideY + ky*dilationY - padTop, ...) * w[c][ky][kx],
/// where positions outside the input hold inputZero[c].
@frozen public struct DepthwiseJob {
  public var input: UnsafeRawPointer
  public var inputPlane: Int
  public var inputLine: Int
  public var inputHeight: Int
  public var inputWidth: Int
  public var inputZero: UnsafeRawPointer  // stored bytes [channels]
  public var weights: UnsafeRawPointer  // int8 [C/16][kernelHeight * kernelWidth][16]
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var padTop: Int
  public var padLeft: Int
  public var output: UnsafeMutableRawPointer
  public var outputPlane: Int
  public var outputLine: Int
  public var height: Int
  public var width: Int
  public var epilogue: Epilogue  // linear, residual or hard-swish
  // The part to do.
  public var firstBlock: Int  // block of 16 channels
  public var endBlock: Int
  public var firstRow: Int  // output rows
  public var endRow: Int
  public var scratch: UnsafeMutableRawPointer  // depthwiseScratchBytes(...), 64-aligned

  @inlinable
  public init(
    input: UnsafeRawPointer, inputPlane: Int, inputLine: Int, inputHeight: Int, inputWidth: Int,
    inputZero: UnsafeRawPointer, weights: UnsafeRawPointer, kernelHeight: Int, kernelWidth: Int,
    strideY: Int, strideX: Int, dilationY: Int, dilationX: Int, padTop: Int, padLeft: Int,
    output: UnsafeMutableRawPointer, outputPlane: Int, outputLine: Int, height: Int, width: Int,
    epilogue: Epilogue, blocks: Int, scratch: UnsafeMutableRawPointer
  ) {
    self.input = input
    self.inputPlane = inputPlane
    self.inputLine = inputLine
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputZero = inputZero
    self.weights = weights
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padTop = padTop
    self.padLeft = padLeft
    self.output = output
    self.outputPlane = outputPlane
    self.outputLine = outputLine
    self.height = height
    self.width = width
    self.epilogue = epilogue
    self.scratch = scratch
    firstBlock = 0
    endBlock = blocks
    firstRow = 0
    endRow = height
  }
}

/// Most bytes of rearranged 3x3 and 5x5 depthwise weights.
@inlinable public var depthwiseTapBytes: Int { 4096 }

/// Scratch of one thread for a depthwise convolution: rearranged weights, padded and interleaved
/// input lines.
@inlinable public func depthwiseScratchBytes(
  inputWidth: Int, width: Int, kernelWidth: Int, strideX: Int, dilationX: Int, kernelHeight: Int
) -> Int {
  let reach = max(inputWidth, (width - 1) * strideX + (kernelWidth - 1) * dilationX + 1)
  let lines = (max(8, kernelHeight) + 4) * (reach + kernelWidth * dilationX + 40) * 16
  // 20 bytes a tap for any kernel size: its weights and its offset.
  return lines + depthwiseTapBytes + (kernelHeight * kernelWidth + 16) * 20
}

/// Elementwise work over `count` bytes (a multiple of 16), formulas at `OperatorRecord`.
@frozen public struct ElementwiseJob {
  public var x: UnsafeRawPointer
  public var y: UnsafeRawPointer  // add, multiply: count bytes; scaleChannels: 16 bytes a block
  public var table: UnsafeRawPointer  // lookup: 256 stored bytes, indexed by stored byte
  public var output: UnsafeMutableRawPointer
  public var count: Int
  public var a: Float
  public var b: Float
  public var c: Float
  public var xZero: Int  // zero points as q, 0...255
  public var yZero: Int
  public var zero: Int
  /// scaleChannels: bytes of one block of 16 channels; `count` covers whole blocks.
  public var plane: Int

  @inlinable
  public init(
    x: UnsafeRawPointer, y: UnsafeRawPointer, table: UnsafeRawPointer,
    output: UnsafeMutableRawPointer, count: Int, a: Float, b: Float, c: Float, xZero: Int,
    yZero: Int, zero: Int, plane: Int
  ) {
    self.x = x
    self.y = y
    self.table = table
    self.output = output
    self.count = count
    self.a = a
    self.b = b
    self.c = c
    self.xZero = xZero
    self.yZero = yZero
    self.zero = zero
    self.plane = plane
  }
}

/// Maximum or mean over windows; blocks and rows as in `DepthwiseJob`.
@frozen public struct PoolJob {
  public var input: UnsafeRawPointer
  public var inputPlane: Int
  public var inputLine: Int
  public var inputHeight: Int
  public var inputWidth: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var padTop: Int
  public var padLeft: Int
  public var output: UnsafeMutableRawPointer
  public var outputPlane: Int
  public var outputLine: Int
  public var height: Int
  public var width: Int
  public var a: Float  // mean: q = sat(round(float(sum - n * xZero) * (a / float(n))) + zero)
  public var xZero: Int
  public var zero: Int
  /// Mean: padding (worth xZero) counts in n; n is then the part of the window inside the
  /// padded input, as ONNX count_include_pad counts it: kernelHeight * kernelWidth.
  public var countsPadding: Bool
  public var firstBlock: Int
  public var endBlock: Int
  public var firstRow: Int
  public var endRow: Int

  @inlinable
  public init(
    input: UnsafeRawPointer, inputPlane: Int, inputLine: Int, inputHeight: Int, inputWidth: Int,
    kernelHeight: Int, kernelWidth: Int, strideY: Int, strideX: Int, dilationY: Int,
    dilationX: Int, padTop: Int, padLeft: Int, output: UnsafeMutableRawPointer, outputPlane: Int,
    outputLine: Int, height: Int, width: Int, a: Float, xZero: Int, zero: Int,
    countsPadding: Bool, blocks: Int
  ) {
    self.input = input
    self.inputPlane = inputPlane
    self.inputLine = inputLine
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padTop = padTop
    self.padLeft = padLeft
    self.output = output
    self.outputPlane = outputPlane
    self.outputLine = outputLine
    self.height = height
    self.width = width
    self.a = a
    self.xZero = xZero
    self.zero = zero
    self.countsPadding = countsPadding
    firstBlock = 0
    endBlock = blocks
    firstRow = 0
    endRow = height
  }
}
