import SwiftletCore
import SwiftletWriter

/// Goes through the plan step by step with all photos at once, in float and as the quantised
/// network computes so far. Each layer is fitted to what it will really be given, and takes back
/// what earlier layers have shifted.
struct Calibrator {
  /// What became of one layer.
  struct LayerResult {
    var name: String
    var form: WeightForm
    var weights: Int
    var noise: Double
    var signal: Double
    var bytes: Int
    var outputNoise = 0.0
    var outputSignal = 0.0
  }

  let plan: FloatPlan
  let executor: FloatExecutor
  let encodings: [Encoding]
  let options: QuantizeOptions
  /// Stream 0 runs the full network; stream 1, if any, the first planes alone.
  private var simulators: [IntegerSimulator]
  /// [tensors][photos]
  private var floats: [[[Float]]]
  /// [streams][tensors][photos]
  private var bytes: [[[IntegerSimulator.Value]]]
  private(set) var operators: [QuantizedOperator] = []
  private(set) var results: [LayerResult] = []
  /// Whether the gates of a photo are all open.
  private let isOpen: (Int) -> Bool

  init(
    _ executor: FloatExecutor, encodings: [Encoding], options: QuantizeOptions, hasCoarse: Bool,
    isOpen: @escaping (Int) -> Bool = { _ in true }
  ) {
    self.isOpen = isOpen
    plan = executor.plan
    self.executor = executor
    self.encodings = encodings
    self.options = options
    var network = QuantizedNetwork(name: plan.name)
    network.tensors = plan.quantizedTensors(encodings)
    network.input = plan.image
    network.outputs = plan.outputs
    simulators = [IntegerSimulator(network)]
    if hasCoarse { simulators.append(IntegerSimulator(network, isCoarse: true)) }
    floats = [[[Float]]](repeating: [], count: plan.tensors.count)
    bytes = [[[IntegerSimulator.Value]]](
      repeating: [[IntegerSimulator.Value]](repeating: [], count: plan.tensors.count),
      count: simulators.count)
  }

  private var streams: Int { simulators.count }

  /// Bytes that the live tensors of one photo need at most.
  static func peakBytes(_ plan: FloatPlan, streams: Int) -> Int {
    var last = [Int](repeating: -1, count: plan.tensors.count)
    for (i, step) in plan.steps.enumerated() {
      for input in step.reads { last[input] = i }
      last[step.output] = max(last[step.output], i)
    }
    var live = plan.tensors[plan.image].count
    var peak = live
    for (i, step) in plan.steps.enumerated() {
      live += plan.tensors[step.output].count
      peak = max(peak, live)
      for tensor in Set(step.reads + [step.output]) where last[tensor] == i {
        live -= plan.tensors[tensor].count
      }
    }
    return peak * (4 + streams)
  }

  /// Does the work.
  ///
  /// - Parameters:
  ///   - photos: pixels [H][W][C].
  ///   - form: how the weights of the layer of a step are stored.
  mutating func run(
    photos: [[UInt8]], form: (Int) -> WeightForm, progress: (Double) -> Void
  ) {
    let executor = self.executor
    floats[plan.image] = each(photos.count) { executor.image(photos[$0]) }
    for s in 0..<streams {
      let simulator = simulators[s]
      bytes[s][plan.image] = each(photos.count) { simulator.image(photos[$0]) }
    }
    var last = [Int](repeating: -1, count: plan.tensors.count)
    for (i, step) in plan.steps.enumerated() {
      for input in step.reads { last[input] = i }
    }
    for (i, step) in plan.steps.enumerated() {
      var op = plan.quantizedOperator(step, encodings)
      if case .layer(let layer) = step.kind {
        fit(layer, step, i, form(i), photos.count, &op)
      }
      operators.append(op)
      for s in 0..<streams { simulators[s].append(op) }
      advance(step, i, photos.count)
      for tensor in Set(step.reads) where last[tensor] == i {
        floats[tensor] = []
        for s in 0..<streams { bytes[s][tensor] = [] }
      }
      progress(Double(i + 1) / Double(plan.steps.count))
    }
  }

  /// Runs one step on all photos, in float and in every stream.
  private mutating func advance(_ step: PlanStep, _ index: Int, _ photos: Int) {
    let (executor, inputs) = (self.executor, step.inputs.map { floats[$0] })
    let (gate, isOpen) = (step.outputGate.map { floats[$0] }, self.isOpen)
    floats[step.output] = each(photos) { photo in
      executor.run(
        step, inputs.map { $0[photo] }, gate: gate?[photo], isOpen: isOpen(photo))
    }
    for s in 0..<streams {
      if case .gate = step.kind {
        // The decisions of the float network: a layer is fitted to what it should be given.
        bytes[s][step.output] = floats[step.output].map { .bytes($0.map { UInt8($0) }) }
        continue
      }
      let simulator = simulators[s]
      let inputs = step.inputs.map { bytes[s][$0] }
      let gate = step.outputGate.map { bytes[s][$0] }
      bytes[s][step.output] = each(photos) { photo in
        simulator.run(index, inputs.map { $0[photo] }, gate: gate?[photo].bytes)
      }
    }
    guard case .layer = step.kind, !results.isEmpty else { return }
    let t = plan.tensors[step.output]
    let encoding = encodings[step.output]
    var (signal, noise) = (0.0, 0.0)
    for photo in 0..<photos {
      let value = bytes[0][step.output][photo]
      let found =
        t.isFloat ? value.floats : encoding.decode(value.bytes, area: t.height * t.width)
      let wanted = floats[step.output][photo]
      for i in wanted.indices {
        // What a following table does not tell apart is no error.
        let w = min(max(wanted[i], t.low), t.high)
        let e = Double(found[i] - w)
        noise += e * e
        signal += Double(w) * Double(w)
      }
    }
    results[results.count - 1].outputSignal = signal
    results[results.count - 1].outputNoise = noise
  }

  private func each<T>(_ count: Int, _ body: (Int) -> T) -> [T] {
    var out = [T?](repeating: nil, count: count)
    out.withUnsafeMutableBufferPointer { out in
      spread(count, threads: options.threads) { out[$0] = body($0) }
    }
    return out.map { $0! }
  }

  // MARK: one layer

  private mutating func fit(
    _ layer: Layer, _ step: PlanStep, _ index: Int, _ form: WeightForm, _ photos: Int,
    _ op: inout QuantizedOperator
  ) {
    let input = step.inputs[0]
    let (tx, tz) = (plan.tensors[input], plan.tensors[step.output])
    let geometry = LayerGeometry(layer, tx, tz)
    let encoding = encodings[input]
    let residual = step.inputs.count > 1 ? step.inputs[1] : nil
    let statistics = statistics(layer, geometry, input, residual, index, photos)
    let target = EpilogueTarget(
      layer, output: encodings[step.output], isFloat: tz.isFloat,
      residual: residual.map { encodings[$0] })
    let silent = target.silentRows(layer, input: encoding)
    op.record.epilogue = target.kind
    op.record.a = target.residualScale
    (op.outScale, op.outZero) = (target.outScale, target.outZero)

    func constants(_ fitted: FittedWeights, _ stream: Int) -> QuantizedConstants {
      target.constants(
        layer, steps: fitted.steps, scales: fitted.scales, silent: silent,
        bias: bias(layer, statistics, stream, fitted), input: encoding)
    }
    let padsDepth = !layer.isDepthwise && input != plan.image && tx.channels % 8 != 0
    let fit = WeightFit(
      rows: layer.outputs, count: layer.depth, settings: options.fit(threads: options.threads),
      silent: silent, needsZero: padsDepth)
    let fitted: FittedWeights
    if layer.isDepthwise || layer.blocks > 1 {
      fitted = fit.int8(layer.weights, nil)
    } else {
      let full = layerTarget(statistics, 0, layer)
      switch form {
      case .int8: fitted = fit.int8(full.weights, full.basis)
      case .code4: fitted = fit.table(full.weights, full.basis, limit: 63).fitted
      case .nested8:
        let stream = streams - 1
        let alone = stream == 0 ? full : layerTarget(statistics, stream, layer)
        let coarse = fit.table(alone.weights, alone.basis, limit: WeightFit.coarseLimit).fitted
        op.coarseConstants = constants(coarse, stream)
        fitted = fit.nested(full.weights, full.basis, coarse: coarse)
      }
    }
    op.weights = fitted.weights
    op.constants = constants(fitted, 0)
    let number = layer.weights.count
    var actual = form
    if case .int8 = fitted.weights { actual = .int8 }
    results.append(
      LayerResult(
        name: step.name, form: actual, weights: number, noise: fitted.noise,
        signal: fitted.signal, bytes: actual == .code4 ? (number + 1) / 2 : number))
  }

  private func layerTarget(
    _ statistics: LayerStatistics, _ stream: Int, _ layer: Layer
  ) -> LayerTarget {
    LayerTarget.make(
      statistics, stream: stream, weights: layer.weights, rows: layer.outputs,
      damping: options.damping, corrects: options.correctsInputs, threads: options.threads)
  }

  private func statistics(
    _ layer: Layer, _ geometry: LayerGeometry, _ input: Int, _ residual: Int?, _ index: Int,
    _ photos: Int
  ) -> LayerStatistics {
    let (floats, bytes, encodings) = (self.floats, self.bytes, self.encodings)
    let area = geometry.height * geometry.width
    let x = floats[input]
    let float: ((Int) -> [Float])? = residual.map { r in { floats[r][$0] } }
    return LayerStatistics.collect(
      geometry, photos: photos, streams: streams,
      positionsPerPhoto: options.positionsPerPhoto,
      seed: options.seed &+ UInt64(index) &* 0x1234_5678_9ABC_DEF1, threads: options.threads,
      takesSamples: !layer.isDepthwise && layer.blocks == 1, x: { x[$0] },
      y: { s, photo in encodings[input].decode(bytes[s][input][photo].bytes, area: area) },
      r: float,
      rHat: { s, photo in
        guard let residual else { return [] }
        return encodings[residual].decode(
          bytes[s][residual][photo].bytes, area: geometry.positions)
      })
  }

  /// b' = b + W mean(x) - Q mean(y) + mean(r - r'): the mean output stays what it was.
  private func bias(
    _ layer: Layer, _ statistics: LayerStatistics, _ stream: Int, _ fitted: FittedWeights
  ) -> [Double] {
    let depth = layer.depth
    return (0..<layer.outputs).map { n in
      var sum = Double(layer.bias[n]) + statistics.residual[stream][n]
      let scale = Double(fitted.scales[n])
      for k in 0..<depth {
        let at = layer.isDepthwise ? n * depth + k : k
        sum += Double(layer.weights[n * depth + k]) * statistics.meanX[at]
        sum -= scale * Double(fitted.steps[n * depth + k]) * statistics.meanY[stream][at]
      }
      return sum
    }
  }
}
