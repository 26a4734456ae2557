/// The best classes of a network's output, best first. A fixed-size value: making one allocates
/// nothing.
public struct Ranking: Sendable {
  /// Most places that a ranking has.
  public static var capacity: Int { 16 }

  /// One place.
  public struct Entry: Sendable {
    /// Index of the class in the output.
    public var classIndex = 0
    /// The network's value.
    public var value: Float = 0
    /// Softmax of the value over all classes, or the value itself if it is one already, 0...1.
    public var probability: Float = 0

    public init() {}
  }

  private var entries: InlineArray<16, Entry> = InlineArray(repeating: Entry())
  /// Places in use.
  public private(set) var count = 0

  /// The `top` largest of `values`; equal ones in the order of their index, NaN last.
  ///
  /// `isProbability`: the network ends in a softmax, so values are taken as they are. Otherwise
  /// the probability is a softmax in double with an exponential of our own, summed in index
  /// order: the same on every machine.
  public init(_ values: UnsafeBufferPointer<Float>, top: Int, isProbability: Bool = false) {
    let places = min(top, Self.capacity)
    if places < 1 { return }
    for i in 0..<values.count {
      let value = values[i].isNaN ? -Float.infinity : values[i]
      if count == places && !(value > entries[count - 1].value) { continue }
      var at = count < places ? count : count - 1
      while at > 0 && value > entries[at - 1].value {
        entries[at] = entries[at - 1]
        at -= 1
      }
      var entry = Entry()
      entry.classIndex = i
      entry.value = value
      entries[at] = entry
      if count < places { count += 1 }
    }
    fillProbabilities(values, isProbability)
  }

  /// The entry at place `place`, 0 being the best.
  public subscript(place: Int) -> Entry {
    precondition(place >= 0 && place < count)
    return entries[place]
  }

  private mutating func fillProbabilities(
    _ values: UnsafeBufferPointer<Float>, _ isProbability: Bool
  ) {
    if isProbability {
      for i in 0..<count { entries[i].probability = min(max(entries[i].value, 0), 1) }
      return
    }
    guard count > 0, entries[0].value.isFinite else { return }
    let largest = Double(entries[0].value)
    var sum = 0.0
    for value in values where !value.isNaN { sum += exponential(Double(value) - largest) }
    for i in 0..<count {
      entries[i].probability = Float(exponential(Double(entries[i].value) - largest) / sum)
    }
  }
}

/// e^x for x <= 0 to about 1e-15, by operations that every machine rounds alike: libraries'
/// exponentials differ in the last bit.
func exponential(_ x: Double) -> Double {
  if !(x > -700) { return 0 }
  // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts so that n ln 2 is nearly exact.
  let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
  let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
  // Taylor series to r^13 / 13!, below 1e-17 at |r| = 0.35.
  var sum = 1.0
  var k = 13.0
  while k >= 1 {
    sum = 1 + sum * r / k
    k -= 1
  }
  return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
}
