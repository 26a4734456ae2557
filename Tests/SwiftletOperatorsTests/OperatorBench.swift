import SwiftletCore
import SwiftletKernels
import SwiftletOperators
import TestSupport

/// A tensor of a test: q of every channel and pixel, [C][H][W], without blocks and halos.
struct Plain {
  var channels: Int
  var height: Int
  var width: Int
  var scale: Float = 1
  var zero = 0
  var q: [UInt8] = []

  subscript(c: Int, y: Int, x: Int) -> UInt8 {
    get { q[(c * height + y) * width + x] }
    set { q[(c * height + y) * width + x] = newValue }
  }

  /// Seeded values, the ends of the range among them.
  static func random(
    _ channels: Int, _ height: Int, _ width: Int, scale: Float = 1, zero: Int = 0,
    _ random: inout SplitMix64
  ) -> Plain {
    var made = Plain(channels: channels, height: height, width: width, scale: scale, zero: zero)
    made.q = (0..<channels * height * width).map { _ in
      random.below(8) == 0 ? random.pick([0, 255]) : UInt8(random.below(256))
    }
    return made
  }

  /// A tensor of this shape, all zero.
  static func empty(
    _ channels: Int, _ height: Int, _ width: Int, scale: Float = 1, zero: Int = 0
  ) -> Plain {
    Plain(
      channels: channels, height: height, width: width, scale: scale, zero: zero,
      q: [UInt8](repeating: 0, count: channels * height * width))
  }

  var record: TensorRecord {
    var t = TensorRecord()
    (t.channels, t.height, t.width, t.scale, t.zeroPoint) = (channels, height, width, scale, zero)
    return t
  }
}

/// Runs one portable operator in memory of its own: blocks, a halo, both ways to store a byte.
struct OperatorBench {
  var code: OperatorCode
  var change: (inout OperatorRecord) -> Void = { _ in }
  /// Bytes of the parameter section.
  var parameters: [Float] = [0]
  var xor: UInt8 = 0
  var threads = 1
  var halo = Halo(top: 1, left: 2, bottom: 0, right: 1)

  /// A view in fresh memory; bytes that nobody wrote are 0xA5.
  private func view(_ t: TensorRecord) -> (TensorView, UnsafeMutableRawBufferPointer) {
    let pixel = t.kind == .float32 ? 64 : 16
    let blocks = t.paddedChannels / 16
    let line = (halo.left + t.width + halo.right) * pixel
    let plane = (halo.top + t.height + halo.bottom) * line
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: blocks * plane + 256, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
    return (
      TensorView(
        base: memory.baseAddress! + halo.top * line + halo.left * pixel, plane: plane,
        line: line, pixel: pixel, blocks: blocks, height: t.height, width: t.width, halo: halo),
      memory
    )
  }

  /// Runs on `inputs`; `body` gets the output's view and whether bytes outside of tensor and halo
  /// were left alone.
  private func run<R>(
    _ inputs: [Plain], _ output: TensorRecord, _ body: (TensorView, Bool) -> R
  ) -> R {
    var memories: [UnsafeMutableRawBufferPointer] = []
    defer { for memory in memories { memory.deallocate() } }
    var views: [TensorView] = []
    for x in inputs {
      let (view, memory) = view(x.record)
      memories.append(memory)
      for c in 0..<x.channels {
        for y in 0..<x.height {
          for px in 0..<x.width {
            view.address(c / 16, y, px).storeBytes(
              of: x[c, y, px] ^ xor, toByteOffset: c % 16, as: UInt8.self)
          }
        }
      }
      views.append(view)
    }
    let (target, memory) = view(output)
    memories.append(memory)
    return parameters.withUnsafeBytes { bytes in
      var step = prepare(context(inputs.map(\.record), views, output, target, bytes.baseAddress!))
      setThreads(&step, threads)
      var scratch: UInt64 = 0
      // Any order of parts gives the same.
      for part in (0..<step.parts).reversed() {
        runPart(step, part: part, kernels: .reference, scratch: &scratch)
      }
      let end = memory[(memory.count - 256)...]
      return body(target, end.allSatisfy { $0 == 0xA5 })
    }
  }

  private func context(
    _ records: [TensorRecord], _ views: [TensorView], _ output: TensorRecord,
    _ target: TensorView, _ parameters: UnsafeRawPointer
  ) -> PrepareContext {
    var op = OperatorRecord()
    op.code = code
    change(&op)
    func at<T>(_ list: [T], _ i: Int) -> T { i < list.count ? list[i] : list[0] }
    return PrepareContext(
      index: 0, record: op,
      inputRecords: (at(records, 0), at(records, 1), at(records, 2), at(records, 3)),
      inputs: (at(views, 0), at(views, 1), at(views, 2), at(views, 3)),
      inputCount: views.count, outputRecord: output, output: target, parameters: parameters,
      weights: parameters, refinement: parameters, storageXor: xor,
      pool: ConstantPool(capacity: 64))
  }

  /// The output as q; nil if bytes behind it were written, or its halo is not the zero point.
  func run(_ inputs: [Plain], into shape: Plain) -> Plain? {
    run(inputs, shape.record) { view, isClean in
      var made = shape
      for c in 0..<made.channels {
        for y in 0..<made.height {
          for x in 0..<made.width {
            made[c, y, x] =
              view.address(c / 16, y, x).load(fromByteOffset: c % 16, as: UInt8.self) ^ xor
          }
        }
      }
      let corner = view.address(0, -halo.top, -halo.left).load(as: UInt8.self) ^ xor
      let isFilled = halo.isEmpty || Int(corner) == shape.zero
      return isClean && isFilled ? made : nil
    }
  }

  /// The output as floats, [C][H][W]; nil if bytes behind it were written.
  func runFloat(_ input: Plain) -> [Float]? {
    var record = input.record
    record.kind = .float32
    return run([input], record) { view, isClean in
      var made: [Float] = []
      for c in 0..<input.channels {
        for y in 0..<input.height {
          for x in 0..<input.width {
            made.append(view.address(c / 16, y, x).load(fromByteOffset: c % 16 * 4, as: Float.self))
          }
        }
      }
      return isClean ? made : nil
    }
  }

  /// Softmax of C x 1 x 1 floats.
  func runSoftmax(_ values: [Float]) -> [Float] {
    var record = TensorRecord()
    (record.kind, record.channels, record.height, record.width) = (.float32, values.count, 1, 1)
    var bench = self
    bench.halo = Halo()
    let (from, memory) = bench.view(record)
    let (to, result) = bench.view(record)
    defer {
      memory.deallocate()
      result.deallocate()
    }
    for (c, value) in values.enumerated() {
      from.address(c / 16, 0, 0).storeBytes(of: value, toByteOffset: c % 16 * 4, as: Float.self)
    }
    return parameters.withUnsafeBytes { bytes in
      let step = prepare(
        bench.context([record], [from], record, to, bytes.baseAddress!))
      var scratch: UInt64 = 0
      runPart(step, part: 0, kernels: .reference, scratch: &scratch)
      return values.indices.map {
        to.address($0 / 16, 0, 0).load(fromByteOffset: $0 % 16 * 4, as: Float.self)
      }
    }
  }
}
