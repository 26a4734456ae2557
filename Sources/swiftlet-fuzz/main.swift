// Mutates tiny model files and verifies them: `swiftlet-fuzz [count] [seed]`, or
// `swiftlet-fuzz --measure` for sizes and verification times of networks of published shapes.
// docs/format.md says how to build it with a sanitizer and how long to run it.
import SwiftletCore
import SwiftletWriter
import TestSupport

func fuzz(count: Int, seed: UInt64) throws(SwiftletError) {
  var mutators: [ModelMutator] = []
  for (number, network) in TinyNetworks.all.enumerated() {
    mutators.append(
      try ModelMutator(try ModelWriter.write(network), seed: seed &* 1000 &+ UInt64(number)))
  }
  var accepted = 0
  var whole = 0
  var refused: [ErrorCode: Int] = [:]
  var reach: UInt64 = 0
  let clock = ContinuousClock()
  let start = clock.now
  for i in 0..<count {
    mutators[i % mutators.count].next { bytes in
      do throws(SwiftletError) {
        let model = try ModelVerifier.verify(bytes: bytes, name: "fuzz")
        accepted += 1
        reach &+= ModelReach.sum(model)
        _ = try ModelVerifier.verifyAll(bytes: bytes, name: "fuzz")
        whole += 1
      } catch {
        refused[error.code, default: 0] += 1
        reach &+= UInt64(error.message.utf8.count)
      }
    }
  }
  let seconds = (clock.now - start) / .seconds(1)
  print("seed \(seed): \(count) files, \(accepted) accepted at open, \(whole) with both planes")
  print("\(seconds) s, \(seconds / Double(max(1, count)) * 1e6) us a file (check \(reach))")
  for code in ErrorCode.allCases {
    if let number = refused[code] { print("\(code.name) \(number) \(code.summary)") }
  }
}

func measure() throws(SwiftletError) {
  for format in [WeightFormat.code4, .nested8] {
    for network in [
      NetworkShapes.mobileNetV3Large(format: format),
      NetworkShapes.efficientNetLite0(format: format),
    ] {
      let file = AlignedBytes(try ModelWriter.write(network))
      let clock = ContinuousClock()
      var best = Duration.seconds(100)
      var planes = best
      var all = best
      var model = try ModelVerifier.verify(bytes: file.bytes, name: network.name)
      for _ in 0..<20 {
        let start = clock.now
        model = try ModelVerifier.verify(bytes: file.bytes, name: network.name)
        let middle = clock.now
        try ModelVerifier.verifyPlane(.weights, of: model)
        let end = clock.now
        _ = try ModelVerifier.verifyAll(bytes: file.bytes, name: network.name)
        best = min(best, middle - start)
        planes = min(planes, end - middle)
        all = min(all, clock.now - end)
      }
      print(
        "\(network.name), \(format): \(file.bytes.count) bytes, \(model.operators.count) operators")
      for section in model.sections { print("  \(section.kind.name) \(section.size)") }
      print("  verify \(best), plane \(planes), all \(all)")
    }
  }
}

do throws(SwiftletError) {
  let arguments = CommandLine.arguments
  if arguments.count > 1 && arguments[1] == "--measure" {
    try measure()
  } else {
    try fuzz(
      count: arguments.count > 1 ? Int(arguments[1]) ?? 100_000 : 100_000,
      seed: arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1)
  }
} catch {
  print(error.message)
}
