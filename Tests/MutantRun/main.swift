// Runs mutated model files that the verifier accepts: `MutantRun SEED COUNT` goes on until COUNT
// files ran. Each runs on every kernel set, on one and two threads, at both widths. Those that
// `swiftlet verify` accepts too have to give the reference's bits: opening does not read weights and
// so cannot see that the two biases of a channel contradict each other. Each is named before it runs, so that after a trap the last line of
// the output tells which one it was. A file may take 20 seconds and the process 4 GB.
import Foundation
import Swiftlet
import SwiftletCore
import SwiftletVision
import SwiftletWriter
import TestSupport

/// Multiply-adds and bytes of activations: what makes a file too slow for a test of thousands.
func cost(_ model: ModelContents) -> (macs: Int, bytes: Int) {
  var macs = 0
  var bytes = 0
  for op in model.operators {
    let z = model.tensors[op.output]
    let terms = max(op.kernelHeight * op.kernelWidth, 8 * op.groups)
    macs += z.height * z.width * z.paddedChannels * terms
    let x = model.tensors[op.input(0)]
    macs += x.height * x.width * x.paddedChannels
  }
  for tensor in model.tensors { bytes += tensor.height * tensor.width * tensor.paddedChannels * 4 }
  return (macs, bytes)
}

/// Output bits of one run; damaged planes are refused here, since opening does not read them.
func outputs(_ model: borrowing Model, _ isa: String, threads: Int, _ bits: Bits)
  throws(SwiftletError) -> [[UInt32]]
{
  var session = try Session(model, SessionOptions(threads: threads, isa: isa, bits: bits))
  let target = session.input
  var random = SplitMix64(seed: 11)
  for y in 0..<target.height {
    for x in 0..<target.width {
      // The fourth byte of a pixel is always zero.
      let pixel = UInt32(truncatingIfNeeded: random.next()) & 0x00FF_FFFF
      target.base.storeBytes(
        of: pixel ^ (0x0101_0101 &* UInt32(target.xor)), toByteOffset: y * target.line + x * 4,
        as: UInt32.self)
    }
  }
  session.run()
  var found = (0..<session.outputCount).map { session.output($0).map(\.bitPattern) }
  if session.gateCount > 0 {
    session.setGates(shift: 0)
    session.run()
    found += (0..<session.outputCount).map { session.output($0).map(\.bitPattern) }
  }
  return found
}

/// Writes a line at once: what is still in a buffer at a trap is lost.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

struct Counts {
  var refused = 0
  var planes = 0
  var large = 0
  var ran = 0
  var compared = 0
  var differing = 0
}

/// One accepted file on everything that this machine has.
func run(_ path: String, _ what: String, isWhole: Bool, _ counts: inout Counts) {
  do throws(SwiftletError) {
    let model = try Model(mapping: path)
    for bits in [Bits.eight, .four] {
      let wanted = try outputs(model, "reference", threads: 1, bits)
      for set in KernelSets.available() {
        for threads in [1, 2] {
          let found = try outputs(model, "\(set.name)", threads: threads, bits)
          if isWhole && found != wanted {
            say("DIFFERS: \(set.name), \(threads) threads, \(bits): \(what)")
            counts.differing += 1
          }
        }
      }
    }
    counts.ran += 1
    if isWhole { counts.compared += 1 }
  } catch {
    counts.planes += 1
  }
}

let words = CommandLine.arguments
let seed = words.count > 1 ? UInt64(words[1]) ?? 1 : 1
let wanted = words.count > 2 ? Int(words[2]) ?? 1000 : 1000
var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
setrlimit(Int32(RLIMIT_AS.rawValue), &limit)
let path = FileManager.default.temporaryDirectory.appending(path: "mutant-\(getpid()).swlt").path
var counts = Counts()
do throws(SwiftletError) {
  var mutators: [ModelMutator] = []
  for (number, network) in TinyNetworks.all.enumerated() {
    mutators.append(
      try ModelMutator(try ModelWriter.write(network), seed: seed &* 1000 &+ UInt64(number)))
  }
  var turn = 0
  while counts.ran < wanted && turn < 200 * wanted {
    let mutator = mutators[turn % mutators.count]
    mutator.next { bytes in
      guard let model = try? ModelVerifier.verify(bytes: bytes, name: "mutant") else {
        counts.refused += 1
        return
      }
      let (macs, activations) = cost(model)
      guard macs < 20_000_000, activations < 64 << 20 else {
        counts.large += 1
        return
      }
      let what = "seed \(seed), file \(turn): \(mutator.description)"
      say(what)
      FileManager.default.createFile(atPath: path, contents: Data(bytes))
      alarm(20)
      let isWhole = (try? ModelVerifier.verifyAll(bytes: bytes, name: "mutant")) != nil
      run(path, what, isWhole: isWhole, &counts)
      alarm(0)
    }
    turn += 1
  }
} catch {
  say(error.message)
  exit(1)
}
unlink(path)
say(
  "ran \(counts.ran), compared \(counts.compared), differing \(counts.differing), refused \(counts.refused) at open and "
    + "\(counts.planes) at planning, too large for a test \(counts.large)")
exit(counts.differing == 0 && counts.ran == wanted && counts.compared > wanted / 4 ? 0 : 1)
