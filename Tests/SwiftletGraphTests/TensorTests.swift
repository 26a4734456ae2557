import SwiftletGraph
import Testing

struct TensorTests {
  @Test func tensor_integers_readAsFloats() {
    let tensor = Tensor(shape: [2], integers: [3, -4])
    #expect(tensor.asFloats == [3, -4])
    #expect(tensor.floats == nil)
  }
}
