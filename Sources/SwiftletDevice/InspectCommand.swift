import Swiftlet
import SwiftletCore

/// `swiftlet inspect`: what a model file holds, layer by layer.
func inspectCommand(_ arguments: Arguments) throws(SwiftletError) {
  let path = arguments.words[0]
  let model = try Model(mapping: path)
  let session = try Session(model, arguments.sessionOptions)
  var times: ModelledTimes?
  if let board = arguments.text(.board) {
    times = try ModelledTimes(board, clock: arguments.number(.clock), session)
  }
  if arguments.isOn(.json) {
    try Console.result(inspectJSON(model.contents, session, times).text)
  } else if let times {
    try Console.result(times.text(session))
  } else {
    try Console.result(inspectText(model.contents, session))
  }
}

/// The step of each operator, -1 for layers that need no work.
private func stepOfOperator(_ contents: ModelContents, _ session: borrowing Session) -> [Int] {
  var steps = Array(repeating: -1, count: contents.operators.count)
  for i in 0..<session.stepCount { steps[session.step(i).index] = i }
  return steps
}

private func weightBytes(_ contents: ModelContents) -> Int {
  var sum = 0
  for r in contents.operators { sum += StepInfo.weightBytes(r, contents.tensors[r.output]) }
  return sum
}

private func preprocessingText(_ p: PreprocessingRecord) -> String {
  var text = TextBuffer()
  text.append(p.resize == .squash ? "squash" : "crop:\(p.shortSide)")
  text.append(p.isBGR ? ", BGR" : ", RGB")
  for (title, values) in [(", mean", p.mean), (", std", p.std)] {
    text.append(title)
    for c in 0..<min(p.channels, 4) {
      text.append(c == 0 ? " " : ",")
      text.append(Double(values[c]), decimals: 3)
    }
  }
  return text.string
}

/// Share of the multiply-adds of layers that leave groups of channels out.
private func gatedShare(_ session: borrowing Session) -> Double {
  var gated = 0
  for i in 0..<session.stepCount where session.step(i).isGated { gated += session.step(i).macs }
  return Double(gated) / Double(max(session.macs, 1))
}

private func inspectText(_ contents: ModelContents, _ session: borrowing Session) -> TextBuffer {
  var text = TextBuffer(capacity: 16384)
  let image = contents.tensors[contents.input]
  text.append("\(contents.name) (\(contents.fileName), \(contents.hash))\n")
  text.append("input    \(image.channels) x \(image.height) x \(image.width), ")
  text.append(preprocessingText(contents.preprocessing))
  text.append("\n")
  for tensor in contents.outputs {
    let t = contents.tensors[tensor]
    text.append("output   \(t.channels) x \(t.height) x \(t.width)  ")
    text.append(contents.string(at: t.name))
    text.append("\n")
  }
  text.append("labels   \(contents.labelCount)\nkernels  \(session.isaName)\n\n")

  text.append(column: "#", 4, right: true)
  text.append("  ")
  text.append(column: "operator", 22)
  text.append(column: "shape", 18)
  text.append(column: "bits", 5)
  text.append(column: "bytes", 11, right: true)
  text.append(column: "mult-adds", 14, right: true)
  text.append("  ")
  text.append(column: "kernel", 22)
  text.append("layer\n")
  let steps = stepOfOperator(contents, session)
  for i in 0..<contents.operators.count {
    let r = contents.operators[i]
    let t = contents.tensors[r.output]
    text.append(column: "\(i)", 4, right: true)
    text.append("  ")
    text.append(column: r.code.word, 22)
    text.append(column: "\(t.channels) x \(t.height) x \(t.width)", 18)
    text.append(column: r.bitsText, 5)
    text.append(column: grouped(StepInfo.weightBytes(r, t)), 11, right: true)
    let step = steps[i]
    text.append(column: step < 0 ? "0" : grouped(session.step(step).macs), 14, right: true)
    text.append("  ")
    text.append(column: step < 0 ? "none" : session.step(step).kernel, 22)
    text.append(contents.string(at: r.name))
    text.append("\n")
  }

  text.append("\nlayers \(contents.operators.count), steps \(session.stepCount), mult-adds ")
  text.append(grouped: session.macs)
  text.append("\nweights ")
  text.append(sizeText(weightBytes(contents)))
  text.append(", parameters \(sizeText(contents.section(.parameters).count))")
  text.append(", file \(sizeText(contents.bytes.count)), arena \(sizeText(session.arenaBytes))\n")
  if !contents.pruneRows.isEmpty {
    text.append("\nwhat may be left out (--prune), by calibration\n")
    appendDial(contents.pruneRows, to: &text)
  }
  if session.gateCount > 0 {
    text.append("\ngates ")
    text.append(session.gateCount)
    text.append(", in layers with ")
    text.append(gatedShare(session) * 100, decimals: 1)
    text.append(" % of the multiply-adds\n")
  }
  let record = contents.record
  if !record.isEmpty {
    text.append("\n")
    text.append(record)
    if record.utf8.last != UInt8(ascii: "\n") { text.append("\n") }
  }
  return text
}

private func inspectJSON(
  _ contents: ModelContents, _ session: borrowing Session, _ times: ModelledTimes?
) -> JSONWriter {
  var json = JSONWriter(schema: "swiftlet.inspect/1", capacity: 32768)
  json.member("model", contents.name)
  json.member("file", contents.fileName)
  json.member("model_hash", contents.hash)
  json.member("file_bytes", contents.bytes.count)
  json.member("weight_bytes", weightBytes(contents))
  json.member("parameter_bytes", contents.section(.parameters).count)
  json.member("arena_bytes", session.arenaBytes)
  json.member("macs", session.macs)
  json.member("labels", contents.labelCount)
  json.member("isa", session.isaName)
  let image = contents.tensors[contents.input]
  json.beginObject("input")
  json.shape(image.channels, image.height, image.width)
  let p = contents.preprocessing
  json.member("resize", p.resize == .squash ? "squash" : "crop")
  json.member("short_side", p.resize == .squash ? nil : p.shortSide)
  json.member("bgr", p.isBGR)
  json.beginArray("mean")
  for c in 0..<min(p.channels, 4) { json.element(Double(p.mean[c]), decimals: 6) }
  json.endArray()
  json.beginArray("std")
  for c in 0..<min(p.channels, 4) { json.element(Double(p.std[c]), decimals: 6) }
  json.endArray()
  json.endObject()
  json.beginArray("outputs")
  for tensor in contents.outputs {
    let t = contents.tensors[tensor]
    json.beginObject()
    json.member("name", contents.string(at: t.name))
    json.shape(t.channels, t.height, t.width)
    json.endObject()
  }
  json.endArray()
  let steps = stepOfOperator(contents, session)
  json.beginArray("layers")
  for i in 0..<contents.operators.count {
    let r = contents.operators[i]
    let t = contents.tensors[r.output]
    json.beginObject()
    json.member("name", contents.string(at: r.name))
    json.member("operator", r.code.word)
    json.shape(t.channels, t.height, t.width)
    json.member("bits", r.bits)
    json.member("weight_bytes", StepInfo.weightBytes(r, t))
    let step = steps[i]
    json.member("macs", step < 0 ? 0 : session.step(step).macs)
    json.member("kernel", step < 0 ? nil : session.step(step).kernel)
    json.endObject()
  }
  json.endArray()
  json.dial(contents.pruneRows)
  json.member("gates", session.gateCount)
  json.member("gated_macs_ratio", gatedShare(session), decimals: 4)
  times?.write(to: &json)
  json.member("record", contents.record)
  json.endLine()
  return json
}

extension JSONWriter {
  /// `"shape":[channels,height,width]`.
  mutating func shape(_ channels: Int, _ height: Int, _ width: Int) {
    beginArray("shape")
    element(channels)
    element(height)
    element(width)
    endArray()
  }
}
