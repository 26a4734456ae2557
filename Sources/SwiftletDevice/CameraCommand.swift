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
  if !arguments.hasBudget && arguments.words.count > 1 {
    throw SwiftletError(
      .missingArgument, place: "swiftlet camera",
      expected: "a budget such as --max-watts, which chooses between several files")
  }
  // Before any network: its guardian shares the memory of this moment.
  let governed = try GovernedBoard.of(arguments)
  var sessionOptions = arguments.sessionOptions
  if let governed, !arguments.has(.threads) { sessionOptions.threads = governed.cores }
  let prune = try PruneWish(arguments)
  let family = try NetworkFamily(
    arguments.words, sessionOptions, top: arguments.count(.top) ?? 5, prune: prune)
  family.start(prune)
  let lines = try CameraLines(arguments)
  for i in 0..<family.count { try lines.check(family.member(i).pointee.answers) }
  if arguments.has(.width) != arguments.has(.height) {
    throw SwiftletError(
      .missingArgument, place: "swiftlet camera", expected: "--width and --height together")
  }
  let options = SourceOptions(arguments, family)
  let output = try outputWriter(arguments)
  guard let source = try SourceOpening.open(name, options, stop) else { return }
  if case .camera(let camera) = source, !arguments.isOn(.quiet) { Console.note(camera.agreement) }
  let waits = waitsForTaker(source, options.framerate)
  // Photos of a folder have nothing to do with each other.
  if case .photos = source { family.active.pointee.cascadeGuard.isOn = false }
  let feeder = Feeder(source, waitsForTaker: waits, stop)
  let network = family.active.pointee.name
  let power = try governed?.control(arguments, family, cameraRate: options.framerate ?? 30)
  var loop = CameraLoop(
    family: family, lines: lines, power: power, feeder: feeder, stop: stop, signals: signals,
    writer: ResultWriter(camera: name, network: network), output: output,
    options: CameraOptions(arguments, sessionOptions, prune, isLossless: waits))
  try feeder.start()
  try power?.start()
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
