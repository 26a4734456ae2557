import Swiftlet
import SwiftletCore
import SwiftletVision

/// `swiftlet camera`: the newest frame through the network, again and again.
///
/// Text for people: a status line per second with the best answer (every frame with `-v`).
/// With `--json` each result is a line on stdout and the status goes to stderr.
///
/// This file turns flags into parts; `CameraLoop` runs them.
func cameraCommand(_ arguments: Arguments) throws(SwiftletError) {
  if try listCameras(arguments) { return }
  let stop = StopSignal()
  let name = try arguments.required(.camera)
  let model = try Model(mapping: arguments.words[0])
  let session = try Session(model, arguments.sessionOptions)
  if arguments.has(.width) != arguments.has(.height) {
    throw SwiftletError(
      .missingArgument, place: "swiftlet camera", expected: "--width and --height together")
  }
  let options = SourceOptions(arguments, for: session, model.contents.preprocessing)
  let source = try FrameSource.open(name, options)
  if case .camera(let camera) = source, !arguments.isOn(.quiet) { Console.note(camera.agreement) }
  let feeder = Feeder(source, waitsForTaker: waitsForTaker(source, options.framerate), stop)
  let top = arguments.count(.top) ?? 5
  let answers = Answers(model.contents, session, top: top)
  var loop = CameraLoop(
    session: session, answers: answers, feeder: feeder, stop: stop,
    writer: ResultWriter(camera: name, network: model.contents.name),
    options: CameraOptions(arguments))
  try feeder.start()
  loop.run()
  try loop.finish()
  if feeder.mailbox.isClosed, let error = feeder.error { throw error }
}

/// Photos without a rate are all looked at, one after another; so is any source at rate 0.
private func waitsForTaker(_ source: FrameSource, _ framerate: Double?) -> Bool {
  if let framerate { return framerate == 0 }
  if case .photos = source { return true }
  return false
}
