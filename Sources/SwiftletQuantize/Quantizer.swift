import SwiftletCore
import SwiftletGraph
import SwiftletWriter

/// Turns a rewritten float graph into a quantised network.
///
/// Steps: lowering to the runtime's operators; ranges of activations from the photos; then the
/// layers one after another, each fitted to the inputs that the quantised network gives it.
/// The same graph, photos and options give the same network, on any number of threads.
public struct Quantizer: Sendable {
  public var options: QuantizeOptions

  public init(_ options: QuantizeOptions = QuantizeOptions()) { self.options = options }

  /// - Parameters:
  ///   - graph: rewritten; one image input, static shapes.
  ///   - progress: a stage and how much of everything is done, 0...1.
  public func quantize(
    graph: Graph, photos: CalibrationPhotos, progress: (String, Double) -> Void = { _, _ in }
  ) throws(SwiftletError) -> (network: QuantizedNetwork, report: QuantizeReport) {
    progress("lowering", 0)
    try check()
    let lowered = try Lowering.lower(
      graph, mean: options.preprocessing.mean, deviation: options.preprocessing.std)
    let plan = Self.separateRanges(lowered)
    let pixels = try load(photos, plan)
    let executor = FloatExecutor(plan)
    // Gated networks see each photo twice: with its own gates, and with all of them open.
    let rounds = plan.tensors.contains { $0.isGate } ? 2 : 1
    let isNested = options.weights == .eight
    let peak = Calibrator.peakBytes(plan, streams: isNested ? 2 : 1)
    let used = max(1, min(pixels.count, options.activationBytes / max(peak * rounds, 1)))

    let images = pixels.count
    let groups = RangeChoice.groups(plan)
    let perChannel = RangeChoice.perChannelCandidates(plan).filter { tensor in
      groups.filter { $0 == groups[tensor] }.count == 1
    }
    let statistics = RangeStatistics.collect(
      executor, images: images * rounds, threads: options.threads, perChannel: perChannel,
      image: { executor.image(pixels[$0 % images]) }, isOpen: { $0 >= images * (rounds - 1) },
      progress: { progress("ranges", 0.15 * $0) })
    var report = QuantizeReport()
    let encodings = chooseRanges(
      executor, statistics, pixels, &report, progress: { progress("ranges", 0.15 + 0.1 * $0) })

    var forms = [WeightForm](
      repeating: options.weights == .eight ? .nested8 : options.weights == .int8 ? .int8 : .code4,
      count: plan.steps.count)
    for (i, step) in plan.steps.enumerated() where step.inputs.first == plan.image {
      forms[i] = .int8
    }
    // A score decides about whole groups: its few weights stay bytes.
    let scores = Set(
      plan.steps.compactMap { step in
        if case .gate = step.kind { return step.inputs[0] }
        return nil
      })
    for (i, step) in plan.steps.enumerated() where scores.contains(step.output) {
      forms[i] = .int8
    }
    let photosUsed = Array(repeating: pixels.prefix(used), count: rounds).flatMap { $0 }
    let isOpen: (Int) -> Bool = { $0 >= used * (rounds - 1) }
    var calibrator = Calibrator(
      executor, encodings: encodings, options: options, hasCoarse: isNested, isOpen: isOpen)
    let share = options.weights == .mixed ? 0.375 : 0.75
    calibrator.run(photos: photosUsed, form: { forms[$0] }) {
      progress("layers", 0.25 + share * $0)
    }
    if options.weights == .mixed {
      raise(&forms, plan, calibrator.results)
      calibrator = Calibrator(
        executor, encodings: encodings, options: options, hasCoarse: false, isOpen: isOpen)
      calibrator.run(photos: photosUsed, form: { forms[$0] }) {
        progress("layers", 0.25 + share * (1 + $0))
      }
    }
    var network = QuantizedNetwork(name: graph.name)
    network.tensors = plan.quantizedTensors(encodings)
    network.operators = calibrator.operators
    network.input = plan.image
    network.outputs = plan.outputs
    network.preprocessing = options.preprocessing
    network.labels = options.labels
    network.record =
      "weights \(options.weights.rawValue); \(used) photos; seed \(options.seed); "
      + "ranges \(report.rangeRule); tables of \(options.channelsPerTable) channels"
    report.network = graph.name
    report.weights = options.weights.rawValue
    report.photos = used
    report.seed = options.seed
    report.layers = calibrator.results.map { result in
      QuantizeReport.LayerRow(
        name: result.name, form: result.form.rawValue, bits: result.form == .code4 ? 4 : 8,
        weights: result.weights, bytes: result.bytes,
        weightSQNR: decibels(signal: result.signal, noise: result.noise),
        outputSQNR: decibels(signal: result.outputSignal, noise: result.outputNoise))
    }
    report.weightBytes = report.layers.reduce(0) { $0 + $1.bytes }
    progress("done", 1)
    return (network, report)
  }

  private func check() throws(SwiftletError) {
    guard options.channelsPerTable >= 0, options.channelsPerTable % 4 == 0 else {
      throw SwiftletError(
        .badWeightOption, place: "channels per table", expected: "0 or a multiple of 4",
        found: "\(options.channelsPerTable)")
    }
    guard options.mixedSize >= 1, options.mixedSize <= 2 else {
      throw SwiftletError(
        .badWeightOption, place: "size of mixed weights", expected: "1 to 2",
        found: "\(options.mixedSize)")
    }
  }

  private func load(
    _ photos: CalibrationPhotos, _ plan: FloatPlan
  ) throws(SwiftletError) -> [[UInt8]] {
    let image = plan.tensors[plan.image]
    var out: [[UInt8]] = []
    for i in 0..<max(photos.count, 0) {
      let pixels = photos.pixels(i)
      guard pixels.count == image.count else {
        throw SwiftletError(
          .noCalibration, place: "photo \(i)",
          expected: "\(image.height) x \(image.width) x \(image.channels) bytes",
          found: "\(pixels.count) bytes")
      }
      out.append(pixels)
    }
    guard !out.isEmpty else {
      throw SwiftletError(
        .noCalibration, place: plan.name, expected: "at least one photo", found: "none")
    }
    return out
  }

  /// Where a clamped tensor shares bytes with tensors of another range, its clamp would be lost:
  /// it gets bytes of its own and a table that translates them.
  static func separateRanges(_ lowered: FloatPlan) -> FloatPlan {
    var plan = lowered
    let groups = RangeChoice.groups(plan)
    var low = plan.tensors.map { $0.low }
    var high = plan.tensors.map { $0.high }
    for (tensor, leader) in groups.enumerated() {
      low[leader] = min(low[leader], plan.tensors[tensor].low)
      high[leader] = max(high[leader], plan.tensors[tensor].high)
    }
    var steps: [PlanStep] = []
    for step in plan.steps {
      var isClamped = false
      switch step.kind {
      case .layer(let layer):
        isClamped = layer.activation != .none && layer.activation != .hardSwish
      case .add(_, _, let low, let high): isClamped = low > -.infinity || high < .infinity
      default: break
      }
      let t = plan.tensors[step.output]
      let leader = groups[step.output]
      guard isClamped, t.low != low[leader] || t.high != high[leader] else {
        steps.append(step)
        continue
      }
      var own = t
      own.name += ".own"
      plan.tensors.append(own)
      var first = step
      first.output = plan.tensors.count - 1
      steps.append(first)
      steps.append(
        PlanStep(
          name: step.name + ".share", kind: .lookup(.identity), inputs: [first.output],
          output: step.output))
    }
    plan.steps = steps
    return plan
  }

  /// One rule for all tensors and one for ranges of each channel, those with the best outputs on
  /// some photos; no labels.
  private func chooseRanges(
    _ executor: FloatExecutor, _ statistics: RangeStatistics, _ pixels: [[UInt8]],
    _ report: inout QuantizeReport, progress: (Double) -> Void
  ) -> [Encoding] {
    let choice = RangeChoice(executor.plan, statistics)
    let count = min(32, pixels.count)
    let images = (0..<count).map { $0 * pixels.count / count }
    var wanted = [[[Float]]](repeating: [], count: count)
    wanted.withUnsafeMutableBufferPointer { wanted in
      spread(count, threads: options.threads) { i in
        wanted[i] = executor.run(executor.image(pixels[images[i]]), isOpen: true)
      }
    }
    func score(_ rule: RangeRule, _ channelRule: RangeRule) -> Double {
      RangeChoice.score(
        executor, choice.encodings { choice.isPerChannel($0) ? channelRule : rule },
        images: images, threads: options.threads, image: { executor.image(pixels[$0]) },
        wanted: wanted)
    }
    var best = (score: -Double.infinity, rule: RangeRule.percentile, channels: RangeRule.percentile)
    func consider(_ rule: RangeRule, _ channelRule: RangeRule) {
      let found = score(rule, channelRule)
      let name = rule == channelRule ? rule.rawValue : "\(rule.rawValue)+\(channelRule.rawValue)"
      report.rangeScores[name] = found
      if found > best.score { best = (found, rule, channelRule) }
    }
    for (i, rule) in RangeRule.allCases.enumerated() {
      consider(rule, rule)
      progress(Double(i + 1) / 5)
    }
    // Ranges for each channel may follow another rule: few values a channel, few outliers.
    let rule = best.rule
    if choice.leaders.contains(where: { choice.isPerChannel($0) }) {
      for other in RangeRule.allCases where other != rule { consider(rule, other) }
    }
    progress(1)
    let (whole, channels) = (best.rule, best.channels)
    report.rangeRule = whole == channels ? whole.rawValue : "\(whole.rawValue)+\(channels.rawValue)"
    return choice.encodings { choice.isPerChannel($0) ? channels : whole }
  }

  /// Raises the layers whose weights add most noise for their size, until the size is reached.
  private func raise(
    _ forms: inout [WeightForm], _ plan: FloatPlan, _ results: [Calibrator.LayerResult]
  ) {
    let steps = plan.steps.indices.filter {
      if case .layer = plan.steps[$0].kind { return true }
      return false
    }
    let start = results.reduce(0) { $0 + $1.bytes }
    var room = Int(Double(start) * (options.mixedSize - 1))
    let order = results.indices.filter { results[$0].form == .code4 }.sorted { a, b in
      func hurt(_ i: Int) -> Double {
        results[i].noise / max(results[i].signal, 1e-30) / Double(max(results[i].bytes, 1))
      }
      return (hurt(a), b) > (hurt(b), a)
    }
    for i in order where results[i].bytes <= room {
      forms[steps[i]] = .int8
      room -= results[i].bytes
    }
  }
}
