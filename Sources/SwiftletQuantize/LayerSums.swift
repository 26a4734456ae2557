// Sums of a layer over one image [C][H][W]: the part that float execution and exact integer
// execution share (whole numbers below 2^24 are exact in Float).

/// Sizes of one layer on one image.
package struct LayerGeometry: Sendable {
  package let window: Window
  package let isDepthwise: Bool
  package let channels: Int
  package let height: Int
  package let width: Int
  package let outputs: Int
  package let outputHeight: Int
  package let outputWidth: Int

  package init(_ layer: Layer, _ input: PlanTensor, _ output: PlanTensor) {
    self.init(
      window: layer.window, isDepthwise: layer.isDepthwise, channels: input.channels,
      height: input.height, width: input.width, outputs: layer.outputs,
      outputHeight: output.height, outputWidth: output.width)
  }

  package init(
    window: Window, isDepthwise: Bool, channels: Int, height: Int, width: Int, outputs: Int,
    outputHeight: Int, outputWidth: Int
  ) {
    self.window = window
    self.isDepthwise = isDepthwise
    self.channels = channels
    self.height = height
    self.width = width
    self.outputs = outputs
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
  }

  package var positions: Int { outputHeight * outputWidth }
  /// Weights of one output channel.
  package var depth: Int { (isDepthwise ? 1 : channels) * window.taps }

  /// out[n][position] = sum over k of weights[n][k] * image; positions outside hold `border` of
  /// their channel. Dense sums run over `steps` of k at a time and `fold` adds each part.
  package func sums(
    _ image: UnsafePointer<Float>, border: [Float], weights: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    if isDepthwise { return depthwise(image, border: border, weights: weights, into: out) }
    withColumns(image, border: border) { columns in
      multiply(
        outputs, positions, depth, weights, depth, columns, positions, out, positions)
    }
  }

  /// The same for whole numbers, exact for any depth.
  package func wholeSums(
    _ image: UnsafePointer<Float>, border: [Float], weights: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Int32>
  ) {
    let part = UnsafeMutablePointer<Float>.allocate(capacity: outputs * positions)
    defer { part.deallocate() }
    let total = outputs * positions
    if isDepthwise {
      depthwise(image, border: border, weights: weights, into: part)
      for i in 0..<total { out[i] = Int32(part[i]) }
      return
    }
    out.update(repeating: 0, count: total)
    withColumns(image, border: border) { columns in
      // 512 products of 255 * 127 stay below 2^24.
      for first in stride(from: 0, to: depth, by: 512) {
        multiply(
          outputs, positions, min(512, depth - first), weights + first, depth,
          columns + first * positions, positions, part, positions)
        for i in 0..<total { out[i] &+= Int32(part[i]) }
      }
    }
  }

  /// The image as a matrix [depth][positions].
  private func withColumns(
    _ image: UnsafePointer<Float>, border: [Float], _ body: (UnsafePointer<Float>) -> Void
  ) {
    if window.isPoint { return body(image) }
    let columns = UnsafeMutablePointer<Float>.allocate(capacity: max(depth * positions, 1))
    defer { columns.deallocate() }
    var row = columns
    for c in 0..<channels {
      let plane = image + c * height * width
      for ky in 0..<window.kernelHeight {
        for kx in 0..<window.kernelWidth {
          copyTap(plane, ky, kx, border: border[c], into: row)
          row += positions
        }
      }
    }
    body(columns)
  }

  /// What one tap of the window sees at each output position.
  private func copyTap(
    _ plane: UnsafePointer<Float>, _ ky: Int, _ kx: Int, border: Float,
    into out: UnsafeMutablePointer<Float>
  ) {
    let first = kx * window.dilationX - window.padLeft
    for y in 0..<outputHeight {
      let row = out + y * outputWidth
      let inY = y * window.strideY + ky * window.dilationY - window.padTop
      if inY < 0 || inY >= height {
        row.update(repeating: border, count: outputWidth)
        continue
      }
      let source = plane + inY * width
      let (begin, end) = inside(first)
      for x in 0..<begin { row[x] = border }
      if window.strideX == 1 {
        if end > begin { (row + begin).update(from: source + begin + first, count: end - begin) }
      } else {
        for x in begin..<max(end, begin) { row[x] = source[x * window.strideX + first] }
      }
      for x in max(end, begin)..<outputWidth { row[x] = border }
    }
  }

  /// Output columns whose input column, x * stride + first, exists.
  private func inside(_ first: Int) -> (begin: Int, end: Int) {
    let step = window.strideX
    let begin = first >= 0 ? 0 : (-first + step - 1) / step
    let end = first >= width ? 0 : (width - 1 - first) / step + 1
    return (min(begin, outputWidth), min(max(end, 0), outputWidth))
  }

  private func depthwise(
    _ image: UnsafePointer<Float>, border: [Float], weights: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let seen = UnsafeMutablePointer<Float>.allocate(capacity: max(positions, 1))
    defer { seen.deallocate() }
    for c in 0..<channels {
      let result = out + c * positions
      result.update(repeating: 0, count: positions)
      for ky in 0..<window.kernelHeight {
        for kx in 0..<window.kernelWidth {
          let w = weights[(c * window.kernelHeight + ky) * window.kernelWidth + kx]
          if w == 0 { continue }
          copyTap(image + c * height * width, ky, kx, border: border[c], into: seen)
          for i in 0..<positions { result[i] += w * seen[i] }
        }
      }
    }
  }

  /// The sum over all positions of what each k sees, added to `out` ([depth], or
  /// [channels][taps] for depthwise).
  package func addTapSums(
    _ image: UnsafePointer<Float>, border: [Float], into out: UnsafeMutablePointer<Double>
  ) {
    let seen = UnsafeMutablePointer<Float>.allocate(capacity: max(positions, 1))
    defer { seen.deallocate() }
    for c in 0..<channels {
      for ky in 0..<window.kernelHeight {
        for kx in 0..<window.kernelWidth {
          var sum = 0.0
          if window.isPoint {
            for i in 0..<positions { sum += Double(image[c * positions + i]) }
          } else {
            copyTap(image + c * height * width, ky, kx, border: border[c], into: seen)
            for i in 0..<positions { sum += Double(seen[i]) }
          }
          out[(c * window.kernelHeight + ky) * window.kernelWidth + kx] += sum
        }
      }
    }
  }

  /// What all k see at one output position, [channels * taps].
  package func gather(
    _ image: UnsafePointer<Float>, border: [Float], position: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let y = position / outputWidth * window.strideY - window.padTop
    let x = position % outputWidth * window.strideX - window.padLeft
    var at = 0
    for c in 0..<channels {
      for ky in 0..<window.kernelHeight {
        let inY = y + ky * window.dilationY
        for kx in 0..<window.kernelWidth {
          let inX = x + kx * window.dilationX
          let exists = inY >= 0 && inY < height && inX >= 0 && inX < width
          out[at] = exists ? image[(c * height + inY) * width + inX] : border[c]
          at += 1
        }
      }
    }
  }
}
