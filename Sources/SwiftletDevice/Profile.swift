import CShims
import Swiftlet
import SwiftletCore

/// The time of each step: the median over many frames.
struct Profile {
  /// Median nanoseconds of each step.
  private let medians: [Int64]
  /// Frames measured.
  private let frames: Int
  /// Multiply-adds a second of the bare dot product instruction on all threads; nil if unknown.
  private let peak: Double?

  /// Measures for `time` nanoseconds, at least one frame.
  init(
    _ session: inout Session, _ time: Int64, _ stop: StopSignal, _ progress: inout ProgressBar
  ) {
    let steps = session.stepCount
    let capacity = 1024
    let once = UnsafeMutablePointer<Int64>.allocate(capacity: max(1, steps))
    let all = UnsafeMutablePointer<Int64>.allocate(capacity: max(1, steps * capacity))
    defer {
      once.deallocate()
      all.deallocate()
    }
    var frames = 0
    let start = shim_monotonic()
    progress.begin()
    repeat {
      if shim_marks() != 0 { shim_mark(2) }
      session.runProfiled(once)
      if shim_marks() != 0 { shim_mark(3) }
      for i in 0..<steps { all[i * capacity + frames] = once[i] }
      frames += 1
      progress.show("profile", Double(shim_monotonic() - start) / Double(max(time, 1)))
    } while frames < capacity && shim_monotonic() - start < time && !stop.isSet
    var medians: [Int64] = []
    for i in 0..<steps {
      var row = UnsafeMutableBufferPointer(start: all + i * capacity, count: frames)
      row.sort()
      medians.append(row[frames / 2])
    }
    self.medians = medians
    self.frames = frames
    peak = KernelSets.dotPeak(named: session.isaName).map { $0 * Double(session.threads) }
  }

  private var total: Int64 { medians.reduce(0, +) }

  /// Multiply-adds a second; 0 for a step without.
  private func rate(_ macs: Int, _ nanoseconds: Int64) -> Double {
    Double(macs) * 1e9 / Double(max(nanoseconds, 1))
  }

  /// The table, in order of execution.
  func text(_ session: borrowing Session) -> TextBuffer {
    var text = TextBuffer(capacity: 16384)
    row(["#", "us", "time", "mult-adds", "bytes", "GMAC/s", "peak"], "kernel", "layer", &text)
    for i in 0..<medians.count {
      let step = session.step(i)
      line(
        "\(i)", medians[i], step.macs, step.weightBytes + step.activationBytes, step.kernel,
        "\(step.code.word) \(shapeText(step.shape)) \(step.name)", &text)
    }
    line("", total, session.macs, bytes(session), "", "all, \(frames) frames", &text)
    if let peak {
      let threads = session.threads == 1 ? "1 thread" : "\(session.threads) threads"
      text.append("int8 peak of \(session.isaName) on \(threads): ")
      text.append("\(fixed(peak / 1e9, 1)) GMAC/s, measured now on registers alone\n")
    }
    text.append("\n")
    return text
  }

  private func bytes(_ session: borrowing Session) -> Int {
    var sum = 0
    for i in 0..<medians.count {
      let step = session.step(i)
      sum += step.weightBytes + step.activationBytes
    }
    return sum
  }

  private func line(
    _ number: String, _ time: Int64, _ macs: Int, _ bytes: Int, _ kernel: String, _ layer: String,
    _ text: inout TextBuffer
  ) {
    let speed = rate(macs, time)
    row(
      [
        number, fixed(Double(time) / 1000, 1),
        fixed(100 * Double(time) / Double(max(total, 1)), 1) + "%", grouped(macs), grouped(bytes),
        macs == 0 ? "" : fixed(speed / 1e9, 1),
        macs == 0 ? "" : peak.map { fixed(100 * speed / $0, 0) + "%" } ?? "-",
      ], kernel, layer, &text)
  }

  private func row(
    _ cells: [String], _ kernel: String, _ layer: String, _ text: inout TextBuffer
  ) {
    let widths = [4, 9, 7, 14, 12, 8, 6]
    for i in 0..<cells.count { text.append(column: cells[i], widths[i], right: true) }
    text.append("  ")
    text.append(column: kernel, 20)
    text.append(layer)
    text.append("\n")
  }

  /// One `swiftlet.profile/1` line.
  func json(_ contents: ModelContents, _ session: borrowing Session) -> TextBuffer {
    var json = JSONWriter(schema: "swiftlet.profile/1", capacity: 16384)
    json.member("model", contents.name)
    json.member("model_hash", contents.hash)
    json.member("isa", session.isaName)
    json.member("threads", session.threads)
    json.member("bits", session.bits.rawValue)
    json.member("frames", frames)
    json.member("total_s", Double(total) / 1e9, decimals: 9)
    json.member("peak_macs_per_s", peak, decimals: 0)
    json.beginArray("steps")
    for i in 0..<medians.count {
      let step = session.step(i)
      json.beginObject()
      json.member("name", step.name)
      json.member("operator", step.code.word)
      json.shape(step.shape.channels, step.shape.height, step.shape.width)
      json.member("kernel", step.kernel)
      json.member("macs", step.macs)
      json.member("weight_bytes", step.weightBytes)
      json.member("activation_bytes", step.activationBytes)
      json.member("time_s", Double(medians[i]) / 1e9, decimals: 9)
      json.member(
        "peak_ratio", step.macs == 0 ? nil : peak.map { rate(step.macs, medians[i]) / $0 },
        decimals: 4)
      json.endObject()
    }
    json.endArray()
    json.endLine()
    return json.text
  }
}
