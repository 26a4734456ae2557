import SwiftletCore
import SwiftletDevice
import SwiftletPower

/// `swiftlet bench NET.swlt --prune-curve --images DIR`: what each step of the pruning dial keeps
/// and saves, on photos and on sequences made from the first two, with modelled joules on a board.
func pruneCurveCommand(_ arguments: Arguments) throws(SwiftletError) {
  guard arguments.words.count == 1 else {
    throw SwiftletError(
      .extraArgument, place: "swiftlet bench --prune-curve", expected: "one file",
      found: arguments.words[1])
  }
  let folder = try PhotoFolder(try arguments.required(.images), limit: arguments.count(.limit))
  let board =
    arguments.has(.board)
    ? try BoardChoice.of(arguments).profile : try BoardProfiles.named("raspberry-pi-4b")
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  var stage = ""
  let curve = try PruneCurve(
    arguments.words[0], first: arguments.text(.first),
    photos: folder.names.indices.map { folder.file($0) }, board: board,
    options: arguments.sessionOptions, frames: arguments.count(.frames) ?? 150
  ) { title, done in
    if !isSame(stage, "\(title)") {
      stage = "\(title)"
      progress.begin()
    }
    progress.show(stage, done)
  }
  progress.end()
  if let path = arguments.text(.plot) {
    let bytes = AlignedBytes(Array(curve.plot().string.utf8))
    try AtomicFile.write(bytes.bytes, to: path, mode: 0o644)
  }
  try Console.result(arguments.isOn(.json) ? curve.json() : curve.text())
}
