import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet run`: what each photo shows. Its text and JSON hold no times, so that they are the
/// same on every machine; `-v` tells times on stderr.
func runCommand(_ arguments: Arguments) throws(SwiftletError) {
  let start = shim_monotonic()
  let prune = try PruneWish(arguments)
  var network = try LoadedNetwork(
    path: arguments.words[0], arguments.sessionOptions, top: arguments.count(.top) ?? 5,
    prune: prune)
  network.start(prune)
  network.cascadeGuard.isOn = false
  let ready = shim_monotonic()
  var text = TextBuffer(capacity: 1024)
  var json = JSONWriter(capacity: 1024)
  let isVerbose = arguments.isOn(.verbose)
  if isVerbose {
    Console.note(
      "\(network.name): \(network.session.isaName), \(network.session.threads) threads, "
        + "\(network.session.bits.rawValue) bits, ready in \(fixed(Double(ready - start) / 1e6, 3)) ms"
    )
  }

  for (number, path) in arguments.words.dropFirst().enumerated() {
    let begin = shim_monotonic()
    let image = try Image(path: path)
    let decoded = shim_monotonic()
    var times = FrameTimes()
    network.look(at: image, &times)
    if arguments.isOn(.json) {
      json.begin(schema: "swiftlet.result/1")
      json.member("seq", number)
      json.member("image", path)
      json.member("model", network.name)
      if prune.dial.isOn {
        json.member("exit_level", times.outcome.exitLevel)
        json.member("live_share", times.outcome.liveShare, decimals: 4)
      }
      network.answers.append(of: network.session, to: &json)
      json.member("output_crc32c", network.outputHash())
      json.endLine()
      try Console.result(json.text)
    } else {
      text.clear()
      text.append(path)
      text.append("\n")
      for i in 0..<network.answers.count {
        text.append("  ")
        network.answers.append(rank: i, to: &text)
        text.append("\n")
      }
      if !network.answers.isClassifier {
        network.answers.appendOutputs(of: network.session, to: &text)
      }
      try Console.result(text)
    }
    if isVerbose {
      Console.note(
        "\(path): decode \(fixed(Double(decoded - begin) / 1e6, 2)) ms, "
          + "resize \(fixed(Double(times.converted - decoded) / 1e6, 2)) ms, "
          + "network \(fixed(Double(times.inferred - times.converted) / 1e6, 2)) ms")
    }
  }
}
