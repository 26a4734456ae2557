import SwiftletCore

/// `swiftlet doctor`: what this machine has, what it lacks and how to mend it.
func doctorCommand(_ arguments: Arguments) throws(SwiftletError) {
  let doctor = try Doctor.examine(board: arguments.has(.board) ? BoardChoice.of(arguments) : nil)
  var lacking = 0
  var first = ""
  for finding in doctor.findings where finding.state == .missing {
    lacking += 1
    if first.isEmpty { first = "\(finding.name)" }
  }
  if arguments.isOn(.json) {
    try Console.result(json(doctor, isFine: lacking == 0))
  } else if !arguments.isOn(.quiet) {
    try Console.result(text(doctor))
  }
  if lacking > 0 {
    throw SwiftletError(.machineLacks, place: first, found: "\(lacking) to mend")
  }
}

private func word(_ state: Finding.State) -> String {
  switch state {
  case .fine: "ok"
  case .warning: "warning"
  case .missing: "missing"
  }
}

private func text(_ doctor: Doctor) -> TextBuffer {
  var text = TextBuffer(capacity: 2048)
  for finding in doctor.findings {
    text.append(column: word(finding.state), 9)
    text.append(column: "\(finding.name)", 9)
    text.append(finding.what)
    text.append("\n")
    if finding.cure.isEmpty { continue }
    text.append("                  ")
    text.append(finding.cure)
    text.append("\n")
  }
  return text
}

private func json(_ doctor: Doctor, isFine: Bool) -> TextBuffer {
  var json = JSONWriter(schema: "swiftlet.doctor/1", capacity: 2048)
  json.member("ok", isFine)
  json.member("board", doctor.board)
  json.beginArray("checks")
  for finding in doctor.findings {
    json.beginObject()
    json.member("name", "\(finding.name)")
    json.member("state", word(finding.state))
    json.member("what", finding.what)
    json.member("help", finding.cure.isEmpty ? nil : finding.cure)
    json.endObject()
  }
  json.endArray()
  json.endLine()
  return json.text
}
