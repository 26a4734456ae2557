import Foundation

// The few functions of the C library that tables need, under names that no member shadows.

package func _exp(_ x: Double) -> Double { exp(x) }
package func _tanh(_ x: Double) -> Double { tanh(x) }
package func _erf(_ x: Double) -> Double { erf(x) }
package func _log(_ x: Double) -> Double { log(x) }

/// 10 log10(signal / noise), in dB; 200 where there is no noise.
package func decibels(signal: Double, noise: Double) -> Double {
  if !(noise > 0) { return 200 }
  return signal > 0 ? min(10 * log10(signal / noise), 200) : -200
}
