import SwiftletCore

/// `swiftlet verify`: checks every byte of each file; all files are looked at before the first
/// error ends the command.
func verifyCommand(_ arguments: Arguments) throws(SwiftletError) {
  var first: SwiftletError?
  for path in arguments.words {
    do throws(SwiftletError) {
      try verify(path, arguments)
    } catch {
      if let _ = first {
        _ = Console.report(error, asJSON: arguments.isOn(.json))
      } else {
        first = error
      }
    }
  }
  if let first { throw first }
}

private func verify(_ path: String, _ arguments: Arguments) throws(SwiftletError) {
  let file = try MappedFile(path: path)
  let contents = try ModelVerifier.verifyAll(bytes: file.bytes, name: path)
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.verify/1")
    json.member("file", path)
    json.member("ok", true)
    json.member("model", contents.name)
    json.member("model_hash", contents.hash)
    json.member("file_bytes", file.bytes.count)
    json.beginArray("sections")
    for section in contents.sections {
      json.beginObject()
      json.member("name", section.kind.name)
      json.member("offset_bytes", section.offset)
      json.member("size_bytes", section.size)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    try Console.result(json.text)
  } else if !arguments.isOn(.quiet) {
    try Console.result(
      "\(path): sound: \(contents.name), \(contents.operators.count) layers, "
        + "\(contents.sections.count) sections, \(grouped(file.bytes.count)) bytes, "
        + "\(contents.hash)\n")
  }
}
