import Swiftlet

/// Writes a result as a JSON line or as text, into buffers that are taken once.
struct ResultWriter: ~Copyable {
  /// The camera as it was named.
  let camera: String
  /// The network's name.
  var network: String
  /// The operating point that the result was made at; nil without a governor.
  var mode: String?
  /// The last line of `writeJSON`.
  private(set) var json = JSONWriter(capacity: 4096)
  /// The last line of `writeText`.
  private(set) var text = TextBuffer(capacity: 4096)

  /// Results of the network of that name on frames of that camera.
  init(camera: String, network: String) {
    self.camera = camera
    self.network = network
  }

  /// A `swiftlet.result/1` line into `json`.
  mutating func writeJSON(
    _ times: FrameTimes, _ answers: borrowing Answers, _ session: borrowing Session
  ) {
    json.begin(schema: "swiftlet.result/1")
    json.member("seq", times.sequence)
    json.member("camera", camera)
    json.member("model", network)
    json.member("t_mono_s", seconds(times.done), decimals: 6)
    json.memberWallClock("t_wall")
    json.member("age_s", seconds(times.done - times.captured), decimals: 6)
    json.beginObject("stages")
    json.member("capture_s", seconds(times.decoded - times.captured), decimals: 6)
    json.member("convert_s", seconds(times.converted - times.taken), decimals: 6)
    json.member("infer_s", seconds(times.inferred - times.converted), decimals: 6)
    json.member("post_s", seconds(times.done - times.inferred), decimals: 6)
    json.endObject()
    json.member("mode", mode)
    json.member("exit_level", times.outcome.exitLevel)
    json.member("live_share", times.outcome.liveShare, decimals: 4)
    json.member("gated", times.outcome.isHeld)
    answers.append(of: session, to: &json)
    json.endLine()
  }

  /// A line for people into `text`.
  mutating func writeText(_ times: FrameTimes, _ answers: borrowing Answers) {
    text.clear()
    text.append("#")
    text.append(times.sequence)
    text.append("  age ")
    text.append(seconds(times.done - times.captured) * 1000, decimals: 1)
    text.append(" ms")
    for i in 0..<min(answers.count, 3) {
      text.append("  ")
      answers.append(rank: i, to: &text)
    }
    text.append("\n")
  }
}
