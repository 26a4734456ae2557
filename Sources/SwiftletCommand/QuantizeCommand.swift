import Foundation
import SwiftletCore
import SwiftletDevice
import SwiftletQuantize
import SwiftletWriter

/// `swiftlet quantize`: float ONNX to a model file in one step.
func quantizeCommand(_ arguments: Arguments) throws(SwiftletError) {
  // Everything that can be refused is looked at before the long work.
  let output = try arguments.required(.output)
  let folder = try PhotoFolder(try arguments.required(.calibrate), limit: arguments.count(.limit))
  try checkWritable(output)
  let network = try FloatNetwork(arguments.words[0], size: arguments.count(.size))
  let preprocessing = try arguments.preprocessing(network.shape)
  let reader = PhotoReader(shape: network.shape, preprocessing: preprocessing)
  var options = QuantizeOptions()
  options.weights = WeightOption(rawValue: arguments.text(.weights) ?? "4") ?? .four
  options.preprocessing = preprocessing
  options.threads = arguments.count(.threads) ?? Machine.cpuCount
  options.seed = UInt64(arguments.count(.seed) ?? 1)
  if let path = arguments.text(.labels) { options.labels = try LabelFiles.names(path) }

  let started = ContinuousClock.now
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  var photos: [[UInt8]] = []
  for i in folder.names.indices {
    photos.append(try reader.pixels(folder.file(i)))
    progress.show("photos", Double(i + 1) / Double(folder.names.count))
  }
  progress.begin()
  let pixels = photos
  var (quantized, report) = try Quantizer(options).quantize(
    graph: network.graph, photos: CalibrationPhotos(count: pixels.count) { pixels[$0] }
  ) { stage, done in progress.show(stage, done) }
  if !network.rewrites.isEmpty { quantized.record += "\n" + network.rewrites }
  try ModelWriter.writeFile(quantized, to: output)
  // The file as it will run judges itself, then says so inside.
  quantized.agreements = try agreements(
    of: output, with: network, on: pixels, preprocessing, threads: options.threads
  ) { progress.show("agreement", $0) }
  if !quantized.agreements.isEmpty { try ModelWriter.writeFile(quantized, to: output) }
  let dial = try writeOwnDial(output, folder) { progress.show("dial", $0) }
  progress.end()
  let seconds = (ContinuousClock.now - started) / .seconds(1)
  let bytes = try MappedFile(path: output).bytes.count
  if arguments.isOn(.json) {
    try Console.result(reportJSON(report, quantized.agreements, dial, output, bytes, seconds))
  } else {
    try Console.result(reportText(report, quantized.agreements, dial, output, bytes, seconds))
  }
}

/// Minutes of work must not end at a folder that does not exist.
private func checkWritable(_ path: String) throws(SwiftletError) {
  let folder = (path as NSString).deletingLastPathComponent
  let place = folder.isEmpty ? "." : folder
  if !FileManager.default.isWritableFile(atPath: place) {
    throw SwiftletError(
      .cannotWrite, place: path, expected: "a folder that may be written", found: place)
  }
}

private func reportText(
  _ report: QuantizeReport, _ agreements: [AgreementRecord], _ dial: [PruneRow], _ output: String,
  _ bytes: Int, _ seconds: Double
) -> TextBuffer {
  var text = TextBuffer(capacity: 16384)
  text.append(column: "#", 4, right: true)
  text.append("  ")
  text.append(column: "form", 9)
  text.append(column: "weights", 12, right: true)
  text.append(column: "bytes", 12, right: true)
  text.append(column: "weights dB", 12, right: true)
  text.append(column: "output dB", 12, right: true)
  text.append("  layer\n")
  for (number, layer) in report.layers.enumerated() {
    text.append(column: "\(number)", 4, right: true)
    text.append("  ")
    text.append(column: layer.form, 9)
    text.append(column: grouped(layer.weights), 12, right: true)
    text.append(column: grouped(layer.bytes), 12, right: true)
    text.append(column: fixed(layer.weightSQNR, 1), 12, right: true)
    text.append(column: fixed(layer.outputSQNR, 1), 12, right: true)
    text.append("  \(layer.name)\n")
  }
  text.append(
    "\n\(output): \(grouped(bytes)) bytes, of which weights \(grouped(report.weightBytes))")
  text.append("; \(report.photos) photos, ranges by \(report.rangeRule), ")
  text.append(fixed(seconds, 1))
  text.append(" s\n")
  for row in agreements {
    text.append("at \(row.bits) bits the float network's answer on ")
    text.append(fixed(Double(row.share) * 100, 1))
    text.append(" % of the \(row.photos) photos\n")
  }
  if !dial.isEmpty {
    text.append("\n")
    appendDial(dial, to: &text)
    text.append("\n")
  }
  text.append("dB: signal to noise against float; swiftlet compare shows the whole network\n")
  return text
}

private func reportJSON(
  _ report: QuantizeReport, _ agreements: [AgreementRecord], _ dial: [PruneRow], _ output: String,
  _ bytes: Int, _ seconds: Double
) -> TextBuffer {
  var json = JSONWriter(schema: "swiftlet.quantize/1", capacity: 16384)
  json.member("file", output)
  json.member("file_bytes", bytes)
  json.member("network", report.network)
  json.member("weights", report.weights)
  json.member("weight_bytes", report.weightBytes)
  json.member("photos", report.photos)
  json.member("seed", Int(clamping: report.seed))
  json.member("time_s", seconds, decimals: 1)
  json.member("range_rule", report.rangeRule)
  json.beginObject("range_scores_db")
  for (rule, score) in report.rangeScores.sorted(by: { $0.key < $1.key }) {
    json.member(rule, score, decimals: 3)
  }
  json.endObject()
  json.beginArray("agreement")
  for row in agreements {
    json.beginObject()
    json.member("bits", row.bits)
    json.member("photos", row.photos)
    json.member("agreement_ratio", Double(row.share), decimals: 4)
    json.endObject()
  }
  json.endArray()
  json.dial(dial)
  json.beginArray("layers")
  for layer in report.layers {
    json.beginObject()
    json.member("name", layer.name)
    json.member("form", layer.form)
    json.member("bits", layer.bits)
    json.member("weights", layer.weights)
    json.member("weight_bytes", layer.bytes)
    json.member("weight_sqnr_db", layer.weightSQNR, decimals: 2)
    json.member("output_sqnr_db", layer.outputSQNR, decimals: 2)
    json.endObject()
  }
  json.endArray()
  json.endLine()
  return json.text
}
