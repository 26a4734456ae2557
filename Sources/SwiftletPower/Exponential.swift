/// e to the power of `x`, to 15 digits; here because the device half has no mathematics library.
package func exponential(_ x: Double) -> Double {
  if !(x > -700) { return 0 }
  let bounded = min(x, 700)
  let power = (bounded * 1.442_695_040_888_963_4).rounded()
  // ln 2 in two parts, so that the difference keeps its last bits.
  let rest = (bounded - power * 0.693_147_180_369_123_8) - power * 1.908_214_929_270_587_7e-10
  var sum = 1.0
  var k = 13.0
  while k >= 1 {
    sum = 1 + sum * rest / k
    k -= 1
  }
  return Double(sign: .plus, exponent: Int(power), significand: sum)
}
