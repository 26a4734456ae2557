import SwiftletVision

/// What a network said about a picture: a view of the session's results, which the next run
/// overwrites. Making one allocates nothing.
public struct Output {
  private let buffers: OutputBuffers

  init(_ buffers: OutputBuffers) { self.buffers = buffers }

  /// How many outputs the network has.
  public var count: Int { buffers.list.count }

  /// The `count` largest values of output `i` with their probabilities, best first; at most
  /// `Ranking.capacity` (16).
  public func top(_ count: Int, of i: Int = 0) -> Ranking {
    let buffer = buffers.list[i]
    return Ranking(buffer.values, top: count, isProbability: buffer.isProbability)
  }

  /// Output `i` as floats, [channels][height][width].
  @_lifetime(borrow self)
  public func values(_ i: Int = 0) -> Span<Float> {
    // SAFETY: the buffers live as long as this value, which holds them.
    unsafe _overrideLifetime(Span(_unsafeElements: buffers.list[i].values), borrowing: self)
  }

  /// Shape of output `i`.
  public func shape(_ i: Int = 0) -> (channels: Int, height: Int, width: Int) {
    let buffer = buffers.list[i]
    return (buffer.channels, buffer.view.height, buffer.view.width)
  }

  /// Whether output `i` is made by a softmax.
  public func isProbability(_ i: Int = 0) -> Bool { buffers.list[i].isProbability }
}
