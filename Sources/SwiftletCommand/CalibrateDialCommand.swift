import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletWriter

/// `swiftlet calibrate NET.swlt --images DIR`: measures the pruning dial of a file on photos
/// without labels and writes it into the file.
func calibrateDialCommand(_ arguments: Arguments) throws(SwiftletError) {
  guard arguments.words.count == 1 else {
    throw SwiftletError(
      .extraArgument, place: "swiftlet calibrate --images", expected: "one file",
      found: arguments.words[1])
  }
  let path = arguments.words[0]
  let output = arguments.text(.output) ?? path
  let folder = try PhotoFolder(try arguments.required(.images), limit: arguments.count(.limit))
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  var measuring = try DialMeasuring(path, folder)
  let rows: [PruneRow]
  if let first = arguments.text(.first) {
    rows = try measuring.rows(first: first, side: arguments.count(.size)) {
      progress.show("dial", $0)
    }
  } else {
    rows = try measuring.ownRows(side: arguments.count(.size)) { progress.show("dial", $0) }
  }
  progress.end()
  try write(rows, of: path, to: output)
  try Console.result(
    arguments.isOn(.json)
      ? dialJSON(rows, output) : dialText(rows, output))
}

/// Measures the dial of a file just made, on the photos that it was made with, and writes it.
func writeOwnDial(
  _ path: String, _ folder: PhotoFolder, _ progress: (Double) -> Void
) throws(SwiftletError) -> [PruneRow] {
  var measuring = try DialMeasuring(path, folder)
  let rows = try measuring.ownRows(side: nil, progress)
  try write(rows, of: path, to: path)
  return rows
}

/// Rows of other ways stay: a file may have its own passes and those with several first files.
private func write(_ rows: [PruneRow], of path: String, to output: String) throws(SwiftletError) {
  guard let new = rows.first else { return }
  let model = try Model(mapping: path)
  let others = model.contents.pruneRows.filter { $0.way != new.way || $0.partner != new.partner }
  let bytes = AlignedBytes(try ModelWriter.file(model.contents, pruneRows: others + rows))
  try AtomicFile.write(bytes.bytes, to: output)
}

private func dialText(_ rows: [PruneRow], _ output: String) -> TextBuffer {
  var text = TextBuffer(capacity: 2048)
  guard let first = rows.first else {
    text.append("nothing can be saved: no dial is written\n")
    return text
  }
  appendDial(rows, to: &text)
  text.append("\n\(output): the dial by \(first.photos) pictures")
  text.append("; time as a share of the full pass alone\n")
  return text
}

private func dialJSON(_ rows: [PruneRow], _ output: String) -> TextBuffer {
  var json = JSONWriter(schema: "swiftlet.dial/1", capacity: 4096)
  json.member("file", output)
  json.dial(rows)
  json.endLine()
  return json.text
}
