import Foundation
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletQuantize
import SwiftletVision

/// The five best classes for a photo, best first.
private struct PhotoAnswer {
  var classes: [Int]
  var score: Float

  init(classes: [Int], score: Float) {
    self.classes = classes
    self.score = score
  }

  init(_ values: UnsafeBufferPointer<Float>) {
    let ranking = Ranking(values, top: 5)
    classes = (0..<ranking.count).map { ranking[$0].classIndex }
    score = ranking.count > 0 ? ranking[0].probability : 0
  }
}

/// `swiftlet eval`: top-1 and top-5 of a model file or a float network.
func evalCommand(_ arguments: Arguments) throws(SwiftletError) {
  let path = arguments.words[0]
  let labels = try LabelFiles.classes(try arguments.required(.labels))
  let folder = try PhotoFolder(try arguments.required(.images), limit: nil)
  let chosen = folder.names.indices.filter { labels[folder.names[$0]] != nil }
  let photos = Array(chosen.prefix(arguments.count(.limit) ?? .max))
  guard !photos.isEmpty else {
    throw SwiftletError(
      .badLabels, place: arguments.text(.labels) ?? "", expected: "photos of \(folder.path)",
      found: "\(labels.count) other names")
  }
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  var report: PruneReport?
  let answers =
    path.lowercased().hasSuffix(".onnx")
    ? try floatAnswers(arguments, path, folder, photos, &progress)
    : try modelAnswers(arguments, path, folder, photos, &report, &progress)
  progress.end()

  var top1 = 0
  var top5 = 0
  var rows = "file,class,score,top1,top2,top3,top4,top5\n"
  for (answer, photo) in zip(answers, photos) {
    let name = folder.names[photo]
    let truth = labels[name] ?? -1
    if answer.classes.first == truth { top1 += 1 }
    if answer.classes.contains(truth) { top5 += 1 }
    rows += "\(name),\(truth),\(fixed(Double(answer.score), 6))"
    for place in 0..<5 {
      rows += ",\(place < answer.classes.count ? "\(answer.classes[place])" : "")"
    }
    rows += "\n"
  }
  if let file = arguments.text(.answers) {
    let copy = AlignedBytes(Array(rows.utf8))
    try AtomicFile.write(copy.bytes, to: file)
  }
  let count = Double(photos.count)
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.eval/1")
    json.member("images", photos.count)
    json.member("top1", Double(top1) / count, decimals: 6)
    json.member("top5", Double(top5) / count, decimals: 6)
    json.member("model", path)
    if let report { json.write(report) }
    json.endLine()
    try Console.result(json.text)
  } else {
    try Console.result(
      "\(path): \(photos.count) photos, top-1 \(fixed(100 * Double(top1) / count, 2)) %, "
        + "top-5 \(fixed(100 * Double(top5) / count, 2)) %\n" + (report?.text ?? ""))
  }
}

private func modelAnswers(
  _ arguments: Arguments, _ path: String, _ folder: PhotoFolder, _ photos: [Int],
  _ report: inout PruneReport?, _ progress: inout ProgressBar
) throws(SwiftletError) -> [PhotoAnswer] {
  for flag in [Flag.mean, .std, .bgr, .resize, .size] where arguments.has(flag) {
    throw SwiftletError(
      .badValue, place: flag.written, expected: "no such flag: a model file holds its own",
      found: path)
  }
  var answers: [PhotoAnswer] = []
  let wish = try PruneWish(arguments)
  if wish.dial.isOn {
    var pruned = try PrunedAnswers(path, arguments.sessionOptions, wish)
    for (number, photo) in photos.enumerated() {
      let answer = pruned.look(at: try Image(path: folder.file(photo)))
      answers.append(PhotoAnswer(classes: answer.classes, score: answer.score))
      progress.show("photos", Double(number + 1) / Double(photos.count))
    }
    report = pruned.report
    return answers
  }
  let model = try Model(mapping: path)
  var session = try Session(model, arguments.sessionOptions)
  for (number, photo) in photos.enumerated() {
    let image = try Image(path: folder.file(photo))
    session.write(image)
    session.run()
    answers.append(PhotoAnswer(session.output(0)))
    progress.show("photos", Double(number + 1) / Double(photos.count))
  }
  return answers
}

private func floatAnswers(
  _ arguments: Arguments, _ path: String, _ folder: PhotoFolder, _ photos: [Int],
  _ progress: inout ProgressBar
) throws(SwiftletError) -> [PhotoAnswer] {
  let network = try FloatNetwork(path, size: arguments.count(.size))
  let preprocessing = try arguments.preprocessing(network.shape)
  let reader = PhotoReader(shape: network.shape, preprocessing: preprocessing)
  let threads = arguments.count(.threads) ?? Machine.cpuCount
  return try inParallel(photos.count, threads, &progress) { i throws(SwiftletError) in
    let pixels = try reader.pixels(folder.file(photos[i]))
    let values = try network.run(pixels, preprocessing)
    return values.withUnsafeBufferPointer { PhotoAnswer($0) }
  }
}

/// `body` for 0..<count on several threads; shows progress; the first error ends the work.
func inParallel<T>(
  _ count: Int, _ threads: Int, _ progress: inout ProgressBar,
  _ body: (Int) throws(SwiftletError) -> T
) throws(SwiftletError) -> [T] {
  var out: [T] = []
  while out.count < count {
    let first = out.count
    let size = min(threads, count - first)
    var results = [Result<T, SwiftletError>?](repeating: nil, count: size)
    results.withUnsafeMutableBufferPointer { results in
      spread(size, threads: threads) { i in
        do throws(SwiftletError) {
          results[i] = .success(try body(first + i))
        } catch {
          results[i] = .failure(error)
        }
      }
    }
    for case let result? in results { out.append(try result.get()) }
    progress.show("photos", Double(out.count) / Double(count))
  }
  return out
}
