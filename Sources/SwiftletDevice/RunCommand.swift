import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet run`: what each photo shows. Its text and JSON hold no times, so that they are the
/// same on every machine; `-v` tells times on stderr.
func runCommand(_ arguments: Arguments) throws(SwiftletError) {
  var times = LoadTimes()
  let start = shim_monotonic()
  let model = try Model(mapping: arguments.words[0])
  times.load = shim_monotonic() - start
  var session = try Session(model, arguments.sessionOptions)
  times.plan = shim_monotonic() - start - times.load
  let contents = model.contents
  var answers = Answers(contents, session, top: arguments.count(.top) ?? 5)
  var text = TextBuffer(capacity: 1024)
  var json = JSONWriter(capacity: 1024)
  let isVerbose = arguments.isOn(.verbose)
  if isVerbose {
    Console.note(
      "\(contents.name): \(session.isaName), \(session.threads) threads, "
        + "\(session.bits.rawValue) bits, load \(fixed(times.loadMilliseconds, 3)) ms, "
        + "plan \(fixed(times.planMilliseconds, 3)) ms")
  }

  for (number, path) in arguments.words.dropFirst().enumerated() {
    let begin = shim_monotonic()
    let image = try Image(path: path)
    let decoded = shim_monotonic()
    session.write(image)
    let resampled = shim_monotonic()
    session.run()
    let ran = shim_monotonic()
    answers.look(at: session)
    if arguments.isOn(.json) {
      json.begin(schema: "swiftlet.result/1")
      json.member("seq", number)
      json.member("image", path)
      json.member("model", contents.name)
      answers.append(of: session, to: &json)
      json.member("output_crc32c", session.outputHash())
      json.endLine()
      try Console.result(json.text)
    } else {
      text.clear()
      text.append(path)
      text.append("\n")
      for i in 0..<answers.count {
        text.append("  ")
        answers.append(rank: i, to: &text)
        text.append("\n")
      }
      if !answers.isClassifier { answers.appendOutputs(of: session, to: &text) }
      try Console.result(text)
    }
    if isVerbose {
      Console.note(
        "\(path): decode \(fixed(Double(decoded - begin) / 1e6, 2)) ms, "
          + "resize \(fixed(Double(resampled - decoded) / 1e6, 2)) ms, "
          + "network \(fixed(Double(ran - resampled) / 1e6, 2)) ms")
    }
  }
}
