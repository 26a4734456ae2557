import SwiftletKernels

/// Shapes that reach every kernel, tail and padding of the depthwise convolutions.
public enum DepthwiseCases {
  static let widths: [Int] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 28, 56]
  static let heights: [Int] = [1, 2, 3, 4, 5, 7, 9]

  /// Calls `body` with every kernel, stride, width and epilogue.
  public static func shapes(_ body: (DepthwiseCase) -> Void) {
    let kernels: [(Int, Int)] = [(1, 1), (3, 3), (5, 5), (7, 7), (3, 5), (1, 7), (2, 2)]
    let strides: [(Int, Int, Int)] = [  // y, x, dilation
      (1, 1, 1), (2, 2, 1), (3, 3, 1), (1, 1, 2), (2, 2, 2), (2, 1, 1), (1, 2, 1),
    ]
    var turn = 0
    for kernel in kernels {
      for stride in strides {
        for epilogue in 0...2 {
          for width in widths {
            turn += 1
            var item = DepthwiseCase()
            (item.kernelHeight, item.kernelWidth) = kernel
            (item.strideY, item.strideX, item.dilation) = stride
            item.width = width
            item.height = heights[turn % heights.count]
            item.padTop = min(turn % 3, (kernel.0 - 1) * stride.2)
            item.padBottom = min(turn / 3 % 3, (kernel.0 - 1) * stride.2)
            item.padLeft = min(turn / 2 % 3, (kernel.1 - 1) * stride.2)
            item.padRight = min(turn / 5 % 3, (kernel.1 - 1) * stride.2)
            item.surplus = turn / 7 % 3
            item.blocks = 1 + turn % 2
            item.epilogue = epilogue
            item.isExtreme = turn % 11 == 0
            item.seed = turn
            body(item)
          }
        }
      }
    }
  }

  /// Every padding of the kernels that have code of their own, and parts as threads take them.
  public static func parts(_ body: (DepthwiseCase) -> Void) {
    var turn = 0
    for kernel in [3, 5, 7] {
      for stride in 1...2 {
        for padTop in 0...2 {
          for padLeft in 0...2 {
            for extreme in 0...1 {
              turn += 1
              var item = DepthwiseCase()
              (item.kernelHeight, item.kernelWidth) = (kernel, kernel)
              (item.strideY, item.strideX) = (stride, stride)
              (item.padTop, item.padLeft) = (padTop, padLeft)
              (item.padBottom, item.padRight) = (turn / 2 % 3, turn / 4 % 3)
              item.height = 11
              item.width = 5 + turn % 5
              item.blocks = 3
              item.epilogue = turn % 3
              item.isExtreme = extreme == 1
              item.blockPart = turn % 2..<2 + turn % 2
              let row = turn * 5 % 9
              item.rowPart = row..<min(11, row + 1 + turn % 6)
              item.seed = turn
              body(item)
            }
          }
        }
      }
    }
  }

  /// Every case.
  public static func all(_ body: (DepthwiseCase) -> Void) {
    shapes(body)
    parts(body)
  }
}

/// Runs the depthwise convolution of a kernel set on every case beside the scalar reference.
///
/// - Returns: output bytes that differ; 0 is right.
public func depthwiseSelfTest(_ kernels: KernelSet) -> Int {
  var wrong = 0
  var memory = PlainMemory()
  DepthwiseCases.all {
    wrong += $0.mismatches(kernels.depthwise, storageXor: kernels.storageXor, in: &memory)
  }
  return wrong
}
