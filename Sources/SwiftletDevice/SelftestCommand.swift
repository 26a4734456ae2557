import CShims
import Swiftlet
import SwiftletCore
import SwiftletKernels

/// `swiftlet selftest`: every kernel set of this CPU, on one thread and on several, has to give
/// the bytes that the scalar reference gives.
func selftestCommand(_ arguments: Arguments) throws(SwiftletError) {
  let model = try Model(mapping: arguments.words[0])
  let most = arguments.count(.threads) ?? max(2, min(Machine.cpuCount, 4))
  var checked: [(name: String, threads: Int, bits: Int, isSame: Bool)] = []
  for bits in model.contents.hasRefinement ? [Bits.eight, .four] : [Bits.four] {
    let wanted = try outputs(model, "reference", 1, bits)
    for set in KernelSets.available() {
      for threads in most > 1 ? [1, most] : [1] {
        let name = "\(set.name)"
        let got = try outputs(model, name, threads, bits)
        checked.append((name, threads, bits.rawValue, isEqual(got, wanted)))
      }
    }
  }
  var differing = ""
  for check in checked where !check.isSame {
    differing += (differing.isEmpty ? "" : ", ") + "\(check.name) -j \(check.threads)"
  }
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.selftest/1")
    json.member("model_hash", model.contents.hash)
    json.member("ok", differing.isEmpty)
    json.beginArray("runs")
    for check in checked {
      json.beginObject()
      json.member("isa", check.name)
      json.member("threads", check.threads)
      json.member("bits", check.bits)
      json.member("same", check.isSame)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    try Console.result(json.text)
  } else if !arguments.isOn(.quiet) {
    var text = TextBuffer()
    for check in checked {
      text.append(column: check.name, 12)
      text.append(check.threads == 1 ? "1 thread,  " : "\(check.threads) threads, ")
      text.append("\(check.bits) bits: \(check.isSame ? "same bytes" : "OTHER BYTES")\n")
    }
    try Console.result(text)
  }
  if !differing.isEmpty {
    throw SwiftletError(
      .resultsDiffer, place: arguments.words[0], expected: "the bytes of the reference",
      found: "others from " + differing)
  }
}

/// All outputs for a fixed image, one after another.
private func outputs(
  _ model: borrowing Model, _ isa: String, _ threads: Int, _ bits: Bits
) throws(SwiftletError) -> [UInt32] {
  var session = try Session(model, SessionOptions(threads: threads, isa: isa, bits: bits))
  session.input.fill(seed: 7)
  var all: [UInt32] = []
  // With everything computed, and with what gates leave out.
  for turn in 0..<(session.gateCount > 0 ? 2 : 1) {
    if turn == 1 { session.setGates(shift: 0) }
    session.run()
    for i in 0..<session.outputCount {
      for value in session.output(i) { all.append(value.bitPattern) }
    }
  }
  return all
}

private func isEqual(_ a: [UInt32], _ b: [UInt32]) -> Bool { a.elementsEqual(b) }
