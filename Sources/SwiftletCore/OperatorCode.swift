/// What an operator record of a model file does.
///
/// The numbers are part of the file format: explicit, never reused, never renumbered.
public enum OperatorCode: UInt16, CaseIterable, Sendable {
  /// Dense convolution of any kernel, stride and dilation over 16-channel blocks; a fully
  /// connected layer is the 1x1 case of a 1x1 image.
  case convolution = 1
  /// Dense convolution over an image of 4-byte pixels (at most four channels): first layers.
  case pixelConvolution = 2
  /// Depthwise convolution, int8 weights.
  case depthwiseConvolution = 3
  /// Elementwise sum of two tensors of one shape, each with its own factor (subtraction too).
  case add = 4
  /// Elementwise product of two tensors of one shape.
  case multiply = 5
  /// Product of a tensor with one value per channel (the second input is C x 1 x 1).
  case scaleChannels = 6
  /// Maximum over windows; padding does not take part.
  case maxPool = 7
  /// Mean over windows, with or without padding in the count.
  case averagePool = 8
  /// Mean over all positions of each channel.
  case globalAveragePool = 9
  /// 256-entry table per byte: sigmoid, SiLU, leaky ReLU, requantisation, any unary function.
  case lookup = 10
  /// Channels of two to four inputs one after another.
  case concat = 11
  /// A part of a tensor: a channel range and a spatial window with steps.
  case slice = 12
  /// A tensor with a border of its zero point, possibly with zeros between pixels
  /// (the first half of a transposed convolution).
  case pad = 13
  /// Enlarged or reduced by nearest neighbour.
  case resizeNearest = 14
  /// Enlarged or reduced by linear interpolation.
  case resizeLinear = 15
  /// Parametric ReLU, one slope per channel.
  case prelu = 16
  /// Softmax over the channels of a C x 1 x 1 float tensor.
  case softmax = 17
  /// 8-bit tensor to float.
  case dequantize = 18
  /// Scores of blocks of 16 channels to which of them are live: 1, or 0 for those to skip.
  case gate = 19
}
