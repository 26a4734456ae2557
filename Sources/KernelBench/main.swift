// kernel-bench --live [isa]: time against the share of live channels (Live.swift).
// kernel-bench [isa]: speed of the dense kernels on typical layers, in GMAC/s and in percent of
// the dot products' peak on registers. Compare within a run: machines and moments differ.
import KernelSelfTest
import SwiftletKernels

#if canImport(Glibc)
  import Glibc
#endif

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#else
  import KernelsNEON
  import KernelsNEONDot
#endif

struct Layer {
  var pixels: Int
  var inputs: Int
  var channels: Int
  var side = 1
  var stride = 1
}

struct Candidate {
  var name: String
  var storageXor: UInt8
  var convolve: (ConvolutionJob) -> Void
  var convolveLive: (ConvolutionJob, LiveChannels) -> Void
  var peak: (Int, UnsafeMutableRawPointer) -> Int
}

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Best of several batches, in work per second.
func rate(_ work: Double, _ body: () -> Void) -> Double {
  body()
  let once = seconds()
  body()
  let repeats = max(1, Int(0.01 / max(seconds() - once, 1e-7)))
  var best = Double.infinity
  for _ in 0..<7 {
    let from = seconds()
    for _ in 0..<repeats { body() }
    best = min(best, (seconds() - from) / Double(repeats))
  }
  return work / best
}

func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

let layers = [
  Layer(pixels: 28 * 28, inputs: 40, channels: 240),
  Layer(pixels: 14 * 14, inputs: 80, channels: 480),
  Layer(pixels: 7 * 7, inputs: 160, channels: 960),
  Layer(pixels: 7 * 7, inputs: 960, channels: 160),
  Layer(pixels: 56 * 56, inputs: 16, channels: 64),
  Layer(pixels: 14 * 14, inputs: 1024, channels: 256),
  Layer(pixels: 28 * 28, inputs: 512, channels: 128),
  Layer(pixels: 112 * 112, inputs: 16, channels: 96),
  Layer(pixels: 56 * 56, inputs: 72, channels: 24 + 8),
  Layer(pixels: 14 * 14, inputs: 480, channels: 80),
  Layer(pixels: 1, inputs: 960, channels: 1280), Layer(pixels: 1, inputs: 240, channels: 64),
  Layer(pixels: 2, inputs: 960, channels: 1280), Layer(pixels: 4, inputs: 960, channels: 1280),
  Layer(pixels: 8, inputs: 960, channels: 1280),
  Layer(pixels: 56 * 56, inputs: 64, channels: 64, side: 3),
  Layer(pixels: 28 * 28, inputs: 128, channels: 128, side: 3),
  Layer(pixels: 14 * 14, inputs: 256, channels: 256, side: 3),
  Layer(pixels: 7 * 7, inputs: 512, channels: 512, side: 3),
  Layer(pixels: 80 * 80, inputs: 64, channels: 64, side: 3),
  Layer(pixels: 40 * 40, inputs: 128, channels: 128, side: 3),
  Layer(pixels: 28 * 28, inputs: 128, channels: 128, side: 3, stride: 2),
  Layer(pixels: 112 * 112, inputs: 0, channels: 16, side: 3, stride: 2),
  Layer(pixels: 112 * 112, inputs: 0, channels: 32, side: 3, stride: 2),
]

var candidates: [Candidate] = []
#if arch(x86_64)
  candidates.append(
    Candidate(
      name: "avx512vnni", storageXor: 0, convolve: { convolveAVX512($0) },
      convolveLive: KernelsAVX512.kernelSet.convolveLive,
      peak: { dotPeakAVX512($0, $1) }))
  candidates.append(
    Candidate(
      name: "avx2", storageXor: 0, convolve: { convolveAVX2($0) },
      convolveLive: KernelsAVX2.kernelSet.convolveLive, peak: { dotPeakAVX2($0, $1) }))
#else
  candidates.append(
    Candidate(
      name: "neon", storageXor: 0x80, convolve: { convolveNEON($0) },
      convolveLive: KernelsNEON.kernelSet.convolveLive,
      peak: { dotPeakNEON($0, $1) }))
  candidates.append(
    Candidate(
      name: "neondot", storageXor: 0x80, convolve: { convolveNEONDot($0) },
      convolveLive: KernelsNEONDot.kernelSet.convolveLive,
      peak: { dotPeakNEONDot($0, $1) }))
#endif

var words = Array(CommandLine.arguments.dropFirst())
let isLive = words.first == "--live"
if isLive { words.removeFirst() }
let wanted = words.first ?? ""
if isLive {
  for candidate in candidates where wanted.isEmpty || candidate.name == wanted {
    benchLive(candidate)
  }
  candidates.removeAll()
}
for candidate in candidates where wanted.isEmpty || candidate.name == wanted {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 64)
  memory.initializeMemory(as: UInt8.self, repeating: 1, count: 2048)
  let work = Double(candidate.peak(1, memory)) * 1000
  let peak = rate(work) { _ = candidate.peak(1000, memory) }
  print("\(candidate.name): peak \(Int(peak / 1e9)) GMAC/s")
  let heads = ["int8", "code4", "nested8", "code4 swish", "code4 resid"]
  print(padded("layer", 24) + heads.map { padded($0, 12) }.joined())
  for layer in layers {
    let side = layer.side > 1 ? " \(layer.side)x\(layer.side)/\(layer.stride)" : ""
    var line = padded("\(layer.pixels)x\(layer.inputs)x\(layer.channels)\(side)", 24)
    for (format, epilogue) in [(1, 0), (2, 0), (3, 0), (2, 2), (2, 1)] {
      var item = ConvolutionCase()
      var height = 1
      while (height + 1) * (height + 1) <= layer.pixels { height += 1 }
      item.height = layer.pixels % height == 0 ? height : 1
      item.width = layer.pixels / item.height
      item.isImage = layer.inputs == 0
      item.inputs = layer.inputs
      item.channels = layer.channels
      item.kernelHeight = layer.side
      item.kernelWidth = layer.side
      item.stride = layer.stride
      item.format = format
      item.epilogue = epilogue
      var plain = PlainMemory()
      var numbers = TestNumbers(seed: 1)
      let job = item.makeJob(storageXor: candidate.storageXor, numbers: &numbers, in: &plain)
      let macs = Double(layer.pixels * layer.channels * item.groups * 8)
      let speed = rate(macs) { candidate.convolve(job) }
      line += padded("\(Int(speed / 1e9)) (\(Int(100 * speed / peak + 0.5))%)", 12)
      plain.clear()
    }
    print(line)
  }
  memory.deallocate()
}
