import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet camera`: the newest frame through the network, again and again.
///
/// Text for people: a status line per second with the best answer (every frame with `-v`).
/// With `--json` each result is a line on stdout and the status goes to stderr. With `--output`
/// each result is a line in a file.
///
/// This file turns flags into parts; `CameraLoop` runs them.
func cameraCommand(_ arguments: Arguments) throws(SwiftletError) {
  if try listCameras(arguments) { return }
  let stop = StopSignal()
  let signals = ServiceSignals()
  let name = try arguments.required(.camera)
  let model = try Model(mapping: arguments.words[0])
  let session = try Session(model, arguments.sessionOptions)
  if arguments.has(.width) != arguments.has(.height) {
    throw SwiftletError(
      .missingArgument, place: "swiftlet camera", expected: "--width and --height together")
  }
  let options = SourceOptions(arguments, for: session, model.contents.preprocessing)
  let output = try outputWriter(arguments)
  guard let source = try SourceOpening.open(name, options, stop) else { return }
  if case .camera(let camera) = source, !arguments.isOn(.quiet) { Console.note(camera.agreement) }
  let waits = waitsForTaker(source, options.framerate)
  let feeder = Feeder(source, waitsForTaker: waits, stop)
  let top = arguments.count(.top) ?? 5
  let answers = Answers(model.contents, session, top: top)
  var loop = CameraLoop(
    session: session, answers: answers, feeder: feeder, stop: stop, signals: signals,
    writer: ResultWriter(camera: name, network: model.contents.name), output: output,
    options: CameraOptions(arguments, modelHash: model.contents.hash, isLossless: waits))
  try feeder.start()
  loop.run()
  try loop.finish()
  if feeder.mailbox.isClosed, let error = feeder.error { throw error }
}

/// The file of results, with its thread; nil without `--output`, or if that is stdout.
private func outputWriter(_ arguments: Arguments) throws(SwiftletError) -> OutputWriter? {
  guard let path = arguments.text(.output), !isSame(path, "-") else { return nil }
  let most = arguments.count(.maxOutput) ?? 64 << 20
  if most != 0 && most < OutputFile.leastBytes {
    throw SwiftletError(
      .badValue, place: Flag.maxOutput.written, expected: "at least 256KiB, or 0 for no limit",
      found: "\(most)B")
  }
  let writer = OutputWriter(
    OutputFile(path: path, most: most), reportsAsJSON: arguments.isOn(.json))
  try writer.start()
  return writer
}

/// Photos without a rate are all looked at, one after another; so is any source at rate 0.
private func waitsForTaker(_ source: FrameSource, _ framerate: Double?) -> Bool {
  if let framerate { return framerate == 0 }
  if case .photos = source { return true }
  return false
}
