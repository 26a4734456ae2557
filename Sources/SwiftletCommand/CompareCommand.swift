import Foundation
import Swiftlet
import SwiftletCore
import SwiftletDevice
import SwiftletGraph
import SwiftletQuantize
import SwiftletVision
import SwiftletWriter

/// Sums over photos for one tensor.
private struct LayerNoise {
  var name: String
  var layer: String
  var code: OperatorCode
  var signal = 0.0
  var noise = 0.0

  /// Signal to noise in dB; infinite without noise.
  var sqnr: Double { noise > 0 ? 10 * log10(max(signal, 1e-300) / noise) : .infinity }
}

/// `swiftlet compare`: each layer of a model file against the float network, worst first.
func compareCommand(_ arguments: Arguments) throws(SwiftletError) {
  let folder = try PhotoFolder(try arguments.required(.images), limit: arguments.count(.limit))
  let model = try Model(mapping: arguments.words[1])
  var session = try Session(model, arguments.sessionOptions)
  let contents = model.contents
  let image = contents.tensors[contents.input]
  let network = try FloatNetwork(arguments.words[0], size: image.height)
  guard network.shape.channels == image.channels, network.shape.height == image.height,
    network.shape.width == image.width
  else {
    throw SwiftletError(
      .badGraphInput, place: arguments.words[0],
      expected: "\(image.channels) x \(image.height) x \(image.width), as in the model file",
      found: "\(network.shape.channels) x \(network.shape.height) x \(network.shape.width)")
  }
  let preprocessing = Preprocessing(contents.preprocessing)
  let reader = PhotoReader(shape: network.shape, preprocessing: preprocessing)

  var noises: [Int: LayerNoise] = [:]
  var agreeing = 0
  var progress = ProgressBar(isQuiet: arguments.isOn(.quiet))
  for i in folder.names.indices {
    let path = folder.file(i)
    var wanted: [String: [Float]] = [:]
    let pixels = try reader.pixels(path)
    let floats = try network.run(pixels, preprocessing, opensGates: true) { name, tensor in
      if let values = tensor.floats { wanted[name] = values }
    }
    session.write(try Image(path: path))
    session.run { tensor, values in
      let name = contents.string(at: contents.tensors[tensor].name)
      guard let float = wanted[name], float.count == values.count else { return }
      var entry = noises[tensor] ?? makeNoise(contents, tensor, name)
      for (a, b) in zip(float, values) {
        entry.signal += Double(a) * Double(a)
        entry.noise += Double(a - b) * Double(a - b)
      }
      noises[tensor] = entry
    }
    if largest(floats) == largest(Array(session.output(0))) { agreeing += 1 }
    progress.show("photos", Double(i + 1) / Double(folder.names.count))
  }
  progress.end()
  guard !noises.isEmpty else {
    throw SwiftletError(
      .badGraphInput, place: arguments.words[1],
      expected: "tensors with the names of \(arguments.words[0])", found: "none")
  }
  let rows = noises.sorted { ($0.value.sqnr, $0.key) < ($1.value.sqnr, $1.key) }.map(\.value)
  let ratio = Double(agreeing) / Double(folder.names.count)
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.compare/1", capacity: 16384)
    json.member("model_hash", contents.hash)
    json.member("images", folder.names.count)
    json.member("bits", session.bits.rawValue)
    json.member("top1_agreement_ratio", ratio, decimals: 6)
    json.beginArray("layers")
    for row in rows {
      json.beginObject()
      json.member("layer", row.layer)
      json.member("tensor", row.name)
      json.member("operator", row.code.word)
      json.member("sqnr_db", row.sqnr, decimals: 2)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    try Console.result(json.text)
  } else {
    var text = TextBuffer(capacity: 16384)
    text.append("      dB  operator              layer\n")
    for row in rows {
      text.append(column: fixed(row.sqnr, 2), 8, right: true)
      text.append("  ")
      text.append(column: row.code.word, 22)
      text.append("\(row.layer)\n")
    }
    text.append("\ntop-1 of float and model file agree in \(agreeing) of \(folder.names.count)")
    text.append(" photos (\(fixed(100 * ratio, 1)) %)\n")
    try Console.result(text)
  }
}

private func makeNoise(_ contents: ModelContents, _ tensor: Int, _ name: String) -> LayerNoise {
  for op in contents.operators where op.output == tensor {
    return LayerNoise(name: name, layer: contents.string(at: op.name), code: op.code)
  }
  return LayerNoise(name: name, layer: name, code: .dequantize)
}

/// Index of the largest value, the first one of equals.
func largest(_ values: [Float]) -> Int? {
  values.indices.max { (values[$0], $1) < (values[$1], $0) }
}

extension Preprocessing {
  /// What a model file says.
  init(_ record: PreprocessingRecord) {
    self.init()
    resize = record.resize == .squash ? .squash : .crop
    shortSide = record.shortSide
    isBGR = record.isBGR
    mean = (0..<min(record.channels, 4)).map { record.mean[$0] }
    std = (0..<min(record.channels, 4)).map { record.std[$0] }
  }
}
