import SwiftletCore
import SwiftletVision
import Testing

/// The exact conversion, in double.
private func exact(_ y: Int, _ u: Int, _ v: Int, _ isBT709: Bool, _ isFull: Bool) -> [Double] {
  let kr = isBT709 ? 0.2126 : 0.299
  let kb = isBT709 ? 0.0722 : 0.114
  let luma = isFull ? Double(y) : Double(y - 16) * 255 / 219
  let scale = isFull ? 1 : 255.0 / 224
  let cb = Double(u - 128) * scale
  let cr = Double(v - 128) * scale
  let red = luma + 2 * (1 - kr) * cr
  let blue = luma + 2 * (1 - kb) * cb
  let green = (luma - kr * red - kb * blue) / (1 - kr - kb)
  return [red, green, blue].map { min(max($0, 0), 255) }
}

/// Samples of a camera as RGB888.
private func rgb(
  _ frame: [UInt8], _ format: YUVFormat, _ width: Int, _ height: Int, _ matrix: ColorMatrix
) throws -> Image {
  var image = Image()
  try Image(samples: frame, format, width, height, matrix).rgb(into: &image)
  return image
}

@Test(arguments: [false, true], [false, true])
func conversion_wholeCube_isWithinRoundingOfTheFormula(_ isBT709: Bool, _ isFull: Bool) throws {
  let matrix = ColorMatrix(isBT709: isBT709, isFullRange: isFull)
  // One row holds every fifth Y for a Cb and Cr; 4:4:4 keeps them apart.
  var worst = 0.0
  for u in stride(from: 0, through: 255, by: 15) {
    for v in stride(from: 0, through: 255, by: 15) {
      var frame = (0..<52).map { UInt8($0 * 5) }
      frame += [UInt8](repeating: UInt8(u), count: 52) + [UInt8](repeating: UInt8(v), count: 52)
      let image = try rgb(frame, .i444, 52, 1, matrix)
      for x in 0..<52 {
        let wanted = exact(x * 5, u, v, isBT709, isFull)
        for c in 0..<3 { worst = max(worst, abs(Double(image.pixels[x * 3 + c]) - wanted[c])) }
      }
    }
  }
  #expect(worst < 0.51)
}

@Test(arguments: [(1, 1), (2, 2), (7, 5), (8, 4), (9, 3), (33, 2)])
func conversion_everyLayout_readsTheRightSamples(_ width: Int, _ height: Int) throws {
  // Chroma of 2 x 2 blocks, so that every layout holds the same picture.
  let half = (width + 1) / 2
  func y(_ i: Int, _ j: Int) -> UInt8 { UInt8((i * 31 + j * 17 + 40) & 255) }
  func u(_ i: Int, _ j: Int) -> UInt8 { UInt8((i / 2 * 13 + j / 2 * 7 + 90) & 255) }
  func v(_ i: Int, _ j: Int) -> UInt8 { UInt8((i / 2 * 5 + j / 2 * 19 + 60) & 255) }
  let rows = 0..<height
  let evenRows = rows.filter { $0 % 2 == 0 }
  let luma = rows.flatMap { j in (0..<width).map { y($0, j) } }
  func plane(_ rows: [Int], _ f: (Int, Int) -> UInt8, step: Int) -> [UInt8] {
    rows.flatMap { j in stride(from: 0, to: width, by: step).map { f($0, j) } }
  }
  let all = Array(rows)
  let frames: [(YUVFormat, [UInt8])] = [
    (.i444, luma + plane(all, u, step: 1) + plane(all, v, step: 1)),
    (.i422, luma + plane(all, u, step: 2) + plane(all, v, step: 2)),
    (.i420, luma + plane(evenRows, u, step: 2) + plane(evenRows, v, step: 2)),
    (
      .nv12,
      luma + evenRows.flatMap { j in (0..<half).flatMap { [u(2 * $0, j), v(2 * $0, j)] } }
    ),
    (
      .yuyv,
      all.flatMap { j in
        (0..<half).flatMap { [y(2 * $0, j), u(2 * $0, j), y(2 * $0 + 1, j), v(2 * $0, j)] }
      }
    ),
  ]
  var wanted: [UInt8] = []
  for (format, frame) in frames {
    #expect(frame.count == format.bytes(width: width, height: height))
    let image = try rgb(frame, format, width, height, ColorMatrix())
    if wanted.isEmpty { wanted = image.bytes }
    #expect(image.bytes == wanted, "\(format)")
  }
}

@Test func conversion_gray_hasEqualChannels() throws {
  let image = try rgb([0, 100, 255], .gray, 3, 1, ColorMatrix(isFullRange: true))
  #expect(image.bytes == [0, 0, 0, 100, 100, 100, 255, 255, 255])
}
