import Swiftlet
import SwiftletCore
import SwiftletVision

/// `--list-cameras` and `--list-formats`; false if neither was given.
func listCameras(_ arguments: Arguments) throws(SwiftletError) -> Bool {
  if arguments.isOn(.listFormats) {
    try listFormats(try arguments.required(.camera), arguments.isOn(.json))
    return true
  }
  if !arguments.isOn(.listCameras) { return false }
  let cameras = try V4L2Source.cameras()
  if arguments.isOn(.json) {
    var json = JSONWriter(schema: "swiftlet.cameras/1")
    json.beginArray("cameras")
    for camera in cameras {
      json.beginObject()
      json.member("path", camera.path)
      json.member("name", camera.card)
      json.member("driver", camera.driver)
      json.member("bus", camera.bus)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    try Console.result(json.text)
    return true
  }
  var text = TextBuffer()
  for camera in cameras {
    text.append(column: camera.path, 14)
    text.append(column: camera.card, 34)
    text.append(camera.driver)
    text.append("  ")
    text.append(camera.bus)
    text.append("\n")
  }
  if cameras.isEmpty { text.append("no camera\n") }
  try Console.result(text)
  return true
}

private func listFormats(_ name: String, _ isJSON: Bool) throws(SwiftletError) {
  let modes = try V4L2Source.modes(of: name)
  if isJSON {
    var json = JSONWriter(schema: "swiftlet.formats/1")
    json.member("camera", name)
    json.beginArray("formats")
    for mode in modes {
      json.beginObject()
      json.member("format", mode.format)
      json.member("readable", mode.isReadable)
      json.member("width", mode.width)
      json.member("height", mode.height)
      json.member("max_width", mode.maxWidth)
      json.member("max_height", mode.maxHeight)
      json.member("rate_hz", mode.rate, decimals: 3)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return try Console.result(json.text)
  }
  var text = TextBuffer()
  for mode in modes {
    text.append(mode.format)
    text.append(column: "\(mode.width) x \(mode.height)", 14, right: true)
    if mode.maxWidth != mode.width || mode.maxHeight != mode.height {
      text.append(" to \(mode.maxWidth) x \(mode.maxHeight)")
    }
    if let rate = mode.rate {
      text.append("  up to ")
      text.append(rate, decimals: 1)
      text.append(" frames/s")
    }
    if !mode.isReadable { text.append("  (not read)") }
    text.append("\n")
  }
  if modes.isEmpty { text.append("the camera lists no formats\n") }
  try Console.result(text)
}

extension SourceOptions {
  /// Size, rate, format and repetition as the flags say; cameras may send no less than the
  /// largest network's input, if they can.
  init(_ arguments: Arguments, _ family: borrowing NetworkFamily) {
    self.init()
    width = arguments.count(.width) ?? 0
    height = arguments.count(.height) ?? 0
    framerate = arguments.number(.framerate)
    loops = arguments.isOn(.loop)
    if let name = arguments.text(.format) { cameraFormat = V4L2Format(named: name) }
    for i in 0..<family.count {
      let network = family.member(i)
      minimumWidth = max(minimumWidth, network.pointee.session.input.width)
      minimumHeight = max(minimumHeight, network.pointee.session.input.height)
      if case .crop(let short) = network.pointee.fit {
        minimumWidth = max(minimumWidth, short)
        minimumHeight = max(minimumHeight, short)
      }
    }
  }
}
