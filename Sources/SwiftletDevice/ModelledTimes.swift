import Swiftlet
import SwiftletCore
import SwiftletPower

/// What `swiftlet inspect --board` says: the time model's prediction for a network on a board.
struct ModelledTimes {
  private let board: BoardProfile
  private let model: TimeModel
  /// MHz.
  private let clock: Double
  private let layers: [LayerWork]

  /// At a clock in MHz, or at the board's highest.
  ///
  /// Throws CFG010 for an unknown board and CFG005 for one whose core has no rates.
  init(_ name: String, clock: Double?, _ session: borrowing Session) throws(SwiftletError) {
    board = try BoardChoice.read(name, asJSON: false).profile
    guard let model = TimeModel(board) else {
      throw SwiftletError(
        .settingsValue, place: name, expected: CoreRates.nameList,
        found: board.clusters.first?.core ?? "no cluster")
    }
    self.model = model
    self.clock = max(1, clock ?? board.clusters[0].steps.last?.megahertz ?? 1000)
    layers = layerWork(session)
  }

  /// 1, 2, 4, ... and all cores.
  private var threadCounts: [Int] {
    var list: [Int] = []
    var n = 1
    while n < model.cores {
      list.append(n)
      n *= 2
    }
    list.append(model.cores)
    return list
  }

  private func milliseconds(_ prediction: TimeModel.Prediction) -> String {
    fixed(prediction.seconds * 1000, 3)
  }

  /// The table.
  func text(_ session: borrowing Session) -> TextBuffer {
    var text = TextBuffer(capacity: 16384)
    let counts = threadCounts
    let streams = model.streams(layers)
    text.append("modelled ms on \(board.title): \(model.cores) x \(board.clusters[0].core) at ")
    text.append(clock, decimals: 0)
    text.append(" MHz; cycles of \(model.rates.model) x ")
    text.append(model.rates.stall, decimals: 2)
    text.append("\n\n   #")
    for n in counts { text.append(column: "-j \(n)", 10, right: true) }
    text.append("  bound    kernel          layer\n")
    for i in 0..<layers.count {
      text.append(column: "\(i)", 4, right: true)
      var isMemory = false
      for n in counts {
        let one = model.predict(layers[i], clock: clock, threads: n, streams: streams)
        text.append(column: milliseconds(one), 10, right: true)
        isMemory = one.isMemory
      }
      text.append(isMemory ? "  memory   " : "  compute  ")
      text.append(column: "\(layers[i].kernel.word)", 16)
      text.append(session.step(i).name)
      text.append("\n")
    }
    text.append(" all")
    for n in counts {
      text.append(
        column: milliseconds(model.predict(layers, clock: clock, threads: n)), 10, right: true)
    }
    text.append("  modelled, not measured\n")
    for n in counts {
      let all = model.predict(layers, clock: clock, threads: n)
      text.append("-j \(n): modelled \(fixed(1 / all.seconds, 1)) frames/s, ")
      text.append("\(fixed(all.coreSeconds * 1000, 2)) core-ms, ")
      text.append("\(fixed(all.bytes / 1e6, 2)) MB from and to memory a frame\n")
    }
    return text
  }

  /// Adds the member `modelled`.
  func write(to json: inout JSONWriter) {
    let streams = model.streams(layers)
    json.beginObject("modelled")
    json.member("board", board.name)
    json.member("core", board.clusters[0].core)
    json.member("scheduling_model", "\(model.rates.model)")
    json.member("stall", model.rates.stall, decimals: 2)
    json.member("mhz", clock, decimals: 0)
    json.member("source", "modelled")
    json.beginArray("networks")
    for n in threadCounts {
      let all = model.predict(layers, clock: clock, threads: n)
      json.beginObject()
      json.member("threads", n)
      json.member("ms", all.seconds * 1000, decimals: 4)
      json.member("core_ms", all.coreSeconds * 1000, decimals: 4)
      json.member("bytes", all.bytes, decimals: 0)
      json.endObject()
    }
    json.endArray()
    json.beginArray("steps")
    for work in layers {
      let one = model.predict(work, clock: clock, threads: 1, streams: streams)
      json.beginObject()
      json.member("class", "\(work.kernel.word)")
      json.member("epilogue", "\(work.epilogue.word)")
      json.member("units", work.units)
      json.member("vectors", work.vectors)
      json.member("decoded", work.decoded)
      json.member("macs", work.macs)
      json.member("weight_bytes", work.weightBytes)
      json.member("activation_bytes", work.activationBytes)
      json.member("ms", one.seconds * 1000, decimals: 6)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}
