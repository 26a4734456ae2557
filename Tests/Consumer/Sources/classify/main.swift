// Classifies a photo with the public API alone: `classify MODEL.swlt PHOTO`. Twice: as a decoded
// picture, and as a frame of plain RGB888 bytes; both have to give the same answer.
import Swiftlet
import SwiftletCore
import SwiftletVision

func classify(_ pixels: Span<UInt8>, width: Int, height: Int, _ model: borrowing Model)
  throws(SwiftletError) -> Ranking
{
  var session = try Session(model, threads: 2)
  let frame = try Frame(rgb888: pixels, width: width, height: height)
  let output = session.run(on: frame)
  return output.top(5)
}

func run(_ path: String, _ photo: String) throws(SwiftletError) -> Bool {
  let model = try Model(mapping: path)
  let image = try Image(path: photo)
  let pixels = UnsafeBufferPointer(start: image.pixels, count: image.width * image.height * 3)
  let best = try classify(
    Span(_unsafeElements: pixels), width: image.width, height: image.height, model)
  for rank in 0..<best.count {
    print(best[rank].probability, model.label(best[rank].classIndex))
  }
  var session = try Session(model, threads: 1)
  let again = session.run(on: image).top(5)
  return best.count == 5 && (0..<5).allSatisfy { best[$0].classIndex == again[$0].classIndex }
}

let words = CommandLine.arguments
guard words.count == 3 else { fatalError("usage: classify MODEL.swlt PHOTO") }
do throws(SwiftletError) {
  guard try run(words[1], words[2]) else { fatalError("a frame and its picture differ") }
} catch {
  fatalError(error.message)
}
