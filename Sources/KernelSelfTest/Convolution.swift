import SwiftletKernels

/// Shapes that reach every tile, tail, weight format and epilogue of the dense kernels.
public enum ConvolutionCases {
  static let pixels: [Int] = [1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 23, 24, 25, 49]
  static let channels: [Int] = [16, 32, 48, 64, 80, 96, 112, 128, 144]
  static let groups: [Int] = [1, 2, 3, 4, 5, 10, 24]

  /// Calls `body` with flat cases: all counts of pixels and channels, formats and epilogues.
  public static func flat(_ body: (ConvolutionCase) -> Void) {
    var turn = 0
    for format in 1...3 {
      for epilogue in 0...3 {
        for pixels in pixels {
          for channels in channels {
            turn += 1
            var item = ConvolutionCase()
            item.inputs = groups[turn % groups.count] * 8
            item.channels = channels
            item.height = pixels % 7 == 0 ? 7 : 1
            item.width = pixels / item.height
            item.format = format
            item.epilogue = epilogue
            item.seed = turn
            body(item)
          }
        }
      }
    }
  }

  /// Windows of several sizes, strides and dilations, and images of 4-byte pixels.
  public static func scattered(_ body: (ConvolutionCase) -> Void) {
    let windows: [(Int, Int, Int, Int)] = [
      // height, width, stride, dilation
      (3, 3, 1, 1), (3, 3, 2, 1), (3, 3, 1, 2), (5, 5, 1, 1), (1, 1, 2, 1), (6, 6, 2, 1),
      (1, 7, 1, 1),
    ]
    let sizes: [(Int, Int)] = [(1, 1), (1, 2), (2, 3), (3, 4), (4, 7), (5, 5)]  // height, width
    var turn = 0
    for format in 1...3 {
      for epilogue in 0...3 {
        for window in windows {
          for size in sizes {
            turn += 1
            var item = ConvolutionCase()
            (item.kernelHeight, item.kernelWidth, item.stride, item.dilation) = window
            (item.height, item.width) = size
            item.format = format
            item.epilogue = epilogue
            item.inputs = 8 * (1 + turn % 4)
            item.channels = channels[turn % channels.count]
            item.seed = turn
            body(item)
            guard item.dilation == 1 else { continue }
            item.isImage = true
            item.channels = 16 * (1 + turn % 4)
            body(item)
          }
        }
      }
    }
  }

  /// Sums at their limits: an inexact product would show.
  public static func extreme(_ body: (ConvolutionCase) -> Void) {
    for format in 1...3 {
      for seed in 0...1 {
        for side in [1, 3] {
          for channels in [16, 80, 112] {
            for values in [ConvolutionCase.Values.largest, .smallest] {
              var item = ConvolutionCase()
              item.kernelHeight = side
              item.kernelWidth = side
              item.inputs = 72
              item.channels = channels
              item.height = 3
              item.width = 5
              item.format = format
              item.values = values
              item.seed = seed
              body(item)
            }
          }
        }
      }
    }
  }

  /// Parts of a layer, as threads take them: nothing outside may be written.
  public static func parts(_ body: (ConvolutionCase) -> Void) {
    for turn in 0..<60 {
      var item = ConvolutionCase()
      item.kernelHeight = turn % 2 == 0 ? 1 : 3
      item.kernelWidth = item.kernelHeight
      item.inputs = 40
      item.channels = 144
      item.height = 5
      item.width = 7
      item.format = 1 + turn % 3
      item.epilogue = turn % 4
      let channel = turn % 5 * 16
      let pixel = turn * 3 % 17
      item.channelPart = channel..<min(144, channel + 16 * (1 + turn % 6))
      item.pixelPart = pixel..<min(35, pixel + 1 + turn % 18)
      item.seed = turn
      body(item)
    }
  }

  /// Every case.
  public static func all(_ body: (ConvolutionCase) -> Void) {
    flat(body)
    scattered(body)
    extreme(body)
    parts(body)
  }
}

/// Runs the convolution of a kernel set on every case beside the scalar reference.
///
/// - Returns: output bytes that differ; 0 is right.
public func convolutionSelfTest(_ kernels: KernelSet) -> Int {
  var wrong = 0
  var memory = PlainMemory()
  ConvolutionCases.all {
    wrong += $0.mismatches(kernels.convolve, storageXor: kernels.storageXor, in: &memory)
  }
  return wrong
}

/// Compares a kernel set with the scalar reference; a board runs this as `selftest`.
///
/// - Returns: output bytes that differ; 0 is right.
public func kernelSelfTest(_ kernels: KernelSet) -> Int {
  convolutionSelfTest(kernels) + liveConvolutionSelfTest(kernels) + depthwiseSelfTest(kernels)
    + elementwiseSelfTest(kernels) + poolSelfTest(kernels)
}
