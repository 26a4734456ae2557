/// Sizes along one side of convolutions and pools.
public struct WindowRule: Sendable {
  public var input: Int
  public var kernel: Int
  public var stride: Int
  public var dilation: Int
  public var before: Int
  public var after: Int

  public init(input: Int, kernel: Int, stride: Int, dilation: Int, before: Int, after: Int) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
  }

  /// Elements from the first tap of a window to its last.
  public var reach: Int { (kernel - 1) * dilation + 1 }

  /// How many windows fit; 0 if none does.
  public var output: Int {
    let padded = input + before + after
    return padded < reach ? 0 : (padded - reach) / stride + 1
  }

  /// Whether each window has a tap inside the input (and padding is shorter than a window).
  public var everyWindowMeetsInput: Bool {
    guard before < reach, after < reach else { return false }
    guard (output - 1) * stride - before < input else { return false }
    // Windows that begin in the padding: the first tap at or after the edge has to be inside.
    var start = -before
    for _ in 0..<output {
      if start >= 0 { break }
      let tap = (-start + dilation - 1) / dilation
      guard tap < kernel, start + tap * dilation < input else { return false }
      start += stride
    }
    return true
  }
}

extension OperatorRecord {
  /// The window of rows over an input of `height`.
  public func rows(height: Int) -> WindowRule {
    WindowRule(
      input: height, kernel: kernelHeight, stride: strideY, dilation: dilationY, before: padTop,
      after: padBottom)
  }
  /// The window of columns over an input of `width`.
  public func columns(width: Int) -> WindowRule {
    WindowRule(
      input: width, kernel: kernelWidth, stride: strideX, dilation: dilationX, before: padLeft,
      after: padRight)
  }
}
