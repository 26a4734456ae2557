import SwiftletCore
import SwiftletPower

/// `swiftlet info --board FILE|NAME`: checks a profile and prints it.
func boardCommand(_ name: String, _ arguments: Arguments) throws(SwiftletError) {
  let result = try BoardChoice.read(name, asJSON: arguments.isOn(.json))
  try Console.result(
    arguments.isOn(.json)
      ? boardJSON(result.profile, result.assumed) : boardText(result.profile, result.assumed))
}

private func driverWord(_ role: SensorRole) -> String {
  switch role {
  case .total: "total"
  case .part: "part"
  case .ignored: "ignored"
  }
}

private func throttleWord(_ source: ThrottleSource) -> String {
  switch source {
  case .none: "none"
  case .raspberryPi: "raspberry-pi"
  case .coolingDevices: "cooling-devices"
  }
}

private func knobWords(_ knobs: Knobs) -> [String] {
  var words: [String] = []
  if knobs.contains(.clock) { words.append("clock") }
  if knobs.contains(.gpu) { words.append("gpu") }
  if knobs.contains(.hotplug) { words.append("hotplug") }
  return words
}

private func boardText(_ board: BoardProfile, _ assumed: [String]) -> TextBuffer {
  var text = TextBuffer(capacity: 2048)
  func start(_ name: String) {
    text.append(column: name, 11)
  }
  func number(_ value: Double, _ decimals: Int, _ unit: String) {
    text.append(value, decimals: decimals)
    text.append(unit)
  }
  func list(_ name: String, _ words: [String]) {
    if words.isEmpty { return }
    start(name)
    for i in words.indices {
      if i > 0 { text.append(i % 4 == 0 ? "\n           " : ", ") }
      text.append(words[i])
    }
    text.append("\n")
  }
  list("board", [board.name, board.title])
  if !board.processor.isEmpty { list("processor", [board.processor]) }
  list("matches", board.compatible)
  list("models", board.models)
  for cluster in board.clusters {
    start("cores")
    text.append(cluster.count)
    text.append(" ")
    text.append(cluster.core)
    if let low = cluster.steps.first, let high = cluster.steps.last {
      text.append(", ")
      number(low.megahertz, 0, " to ")
      number(high.megahertz, 0, " MHz, ")
      number(low.volts, 3, " to ")
      number(high.volts, 3, " V")
    }
    for feature in cluster.features { text.append(" " + feature) }
    text.append("\n")
  }
  start("memory")
  number(board.memoryBandwidth / 1e9, 2, " GB/s\n")
  start("power")
  let power = board.power
  if board.hasPowerModel {
    number(power.base, 2, " W base, ")
    number(power.simdActivity, 2, " (SIMD) and ")
    number(power.integerActivity, 2, " (integer) W/(GHz V^2) a core, within ")
    number(power.spread * 100, 0, " %: priors, which swiftlet calibrate replaces\n")
  } else {
    text.append("no model: a cap of watts needs a sensor\n")
  }
  let heat = board.thermal
  if heat.throttle > 0 {
    start("heat")
    number(heat.dieResistance, 2, " + ")
    number(heat.boardResistance, 2, " K/W, ")
    number(heat.dieSeconds, 0, " + ")
    number(heat.boardSeconds, 0, " s, limit ")
    number(heat.limit, 1, " C, throttled at ")
    number(heat.throttle, 1, " C\n")
  }
  for sensor in board.sensors {
    start("sensor")
    text.append(sensor.driver + " " + sensor.label + (sensor.label.isEmpty ? "" : " "))
    text.append(driverWord(sensor.role) + "\n")
  }
  list("throttle", [throttleWord(board.throttleSource)])
  list("knobs", knobWords(board.knobs))
  if !board.gpu.name.isEmpty { list("gpu", [board.gpu.name]) }
  start("camera")
  number(board.cameraWatts, 2, " W\n")
  if !board.cameraHint.isEmpty { list("", [board.cameraHint]) }
  if !board.gpioChip.isEmpty { list("gpio", [board.gpioChip] + board.wakeLines) }
  for mode in board.modes {
    start("mode")
    text.append(mode.name + ": ")
    text.append(mode.cores)
    text.append(" cores, ")
    number(mode.clock, 0, " MHz\n")
  }
  list("unknown", board.unknown)
  list("assumed", assumed)
  return text
}

private func boardJSON(_ board: BoardProfile, _ assumed: [String]) -> TextBuffer {
  var json = JSONWriter(schema: "swiftlet.board/1", capacity: 4096)
  func list(_ key: String, _ words: [String]) {
    json.beginArray(key)
    for word in words { json.element(word) }
    json.endArray()
  }
  func numbers(_ key: String, _ values: [Double]) {
    json.beginArray(key)
    for value in values { json.element(value, decimals: 3) }
    json.endArray()
  }
  json.member("name", board.name)
  json.member("title", board.title)
  json.member("processor", board.processor.isEmpty ? nil : board.processor)
  list("compatible", board.compatible)
  list("model", board.models)
  json.beginArray("clusters")
  for cluster in board.clusters {
    json.beginObject()
    json.member("core", cluster.core)
    json.member("count", cluster.count)
    json.member("first_cpu", cluster.firstCPU)
    list("features", cluster.features)
    json.member("level1_bytes", cluster.level1)
    json.member("level2_bytes", cluster.level2)
    json.member("level3_bytes", cluster.level3)
    var clocks: [Double] = []
    var volts: [Double] = []
    for step in cluster.steps {
      clocks.append(step.megahertz)
      volts.append(step.volts)
    }
    numbers("mhz", clocks)
    numbers("volts", volts)
    json.endObject()
  }
  json.endArray()
  json.member("memory_bytes_per_s", board.memoryBandwidth, decimals: 0)
  let power = board.power
  json.beginObject("power")
  json.member("modelled", board.hasPowerModel)
  json.member("base_w", power.base, decimals: 3)
  json.member("integer_activity", power.integerActivity, decimals: 3)
  json.member("simd_activity", power.simdActivity, decimals: 3)
  json.member("leak_w", power.leak, decimals: 3)
  json.member("leak_fold_k", power.leakFold, decimals: 1)
  json.member("nanojoules_per_byte", power.joulesPerByte * 1e9, decimals: 4)
  json.member("spread_ratio", power.spread, decimals: 3)
  json.member("idle_w_per_ghz", power.idlePerGigahertz, decimals: 3)
  json.endObject()
  let heat = board.thermal
  json.beginObject("thermal")
  json.member("die_k_per_w", heat.dieResistance, decimals: 3)
  json.member("board_k_per_w", heat.boardResistance, decimals: 3)
  json.member("die_s", heat.dieSeconds, decimals: 1)
  json.member("board_s", heat.boardSeconds, decimals: 1)
  json.member("ambient_c", heat.ambient, decimals: 1)
  json.member("limit_c", heat.limit, decimals: 1)
  json.member("throttle_c", heat.throttle, decimals: 1)
  json.endObject()
  json.beginArray("sensors")
  for sensor in board.sensors {
    json.beginObject()
    json.member("driver", sensor.driver)
    json.member("label", sensor.label)
    json.member("role", driverWord(sensor.role))
    json.endObject()
  }
  json.endArray()
  json.member("throttle_source", throttleWord(board.throttleSource))
  list("knobs", knobWords(board.knobs))
  json.member("camera_w", board.cameraWatts, decimals: 3)
  json.member("gpio_chip", board.gpioChip.isEmpty ? nil : board.gpioChip)
  list("wake_lines", board.wakeLines)
  list("unknown", board.unknown)
  list("assumed", assumed)
  json.endLine()
  return json.text
}
