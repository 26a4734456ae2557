import CShims
import Swiftlet
import SwiftletCore
import SwiftletVision

extension Arguments {
  /// How a session runs, from flags and environment.
  package var sessionOptions: SessionOptions {
    var bits: Bits?
    if let text = text(.bits) { bits = isSame(text, "4") ? .four : .eight }
    return SessionOptions(threads: count(.threads) ?? 1, isa: text(.isa), bits: bits)
  }
}

/// Times of getting a network ready, in nanoseconds.
struct LoadTimes {
  /// Mapping and verifying the file.
  var load: Int64 = 0
  /// Planning, the arena and the check of the weights.
  var plan: Int64 = 0

  /// Milliseconds.
  var loadMilliseconds: Double { Double(load) / 1e6 }
  /// Milliseconds.
  var planMilliseconds: Double { Double(plan) / 1e6 }
}

extension ModelContents {
  /// `crc32c:` and eight digits: the checksum of header and section table, which hold the
  /// checksums of all sections, and so stand for the whole file.
  public var hash: String {
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<ModelFormat.headerBytes])
    return checksumText(
      header.loadUnaligned(fromByteOffset: ModelFormat.headerChecksumOffset, as: UInt32.self))
  }
}

/// `crc32c:` and eight digits.
private func checksumText(_ checksum: UInt32) -> String {
  var value = checksum
  var text = TextBuffer(capacity: 16)
  text.append("crc32c:")
  for _ in 0..<8 {
    let digit = UInt8(value >> 28)
    text.append(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    value <<= 4
  }
  return text.string
}

extension Session {
  /// The checksum of all outputs as they lie in memory: equal on every machine.
  borrowing func outputHash() -> String {
    var crc: UInt32 = 0
    for i in 0..<outputCount {
      crc = Checksum.crc32c(UnsafeRawBufferPointer(output(i)), from: crc)
    }
    return checksumText(crc)
  }
}

extension PixelTarget {
  /// Fills the image with a fixed pattern of pseudo-random pixels (xorshift64, Marsaglia 2003):
  /// what an engine is measured and compared on when no photo is at hand.
  func fill(seed: UInt64) {
    var state = seed | 1
    for y in 0..<height {
      for x in 0..<width {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        // The fourth byte of a pixel is always zero.
        let pixel = UInt32(truncatingIfNeeded: state >> 20) & 0x00FF_FFFF
        base.storeBytes(
          of: pixel ^ (0x0101_0101 &* UInt32(xor)), toByteOffset: y * line + x * 4, as: UInt32.self)
      }
    }
  }
}

/// `1234567` bytes as `1.18 MiB`.
func sizeText(_ bytes: Int) -> String {
  if bytes < 10_000 { return "\(bytes) B" }
  if bytes < 1_048_576 { return fixed(Double(bytes) / 1024, 1) + " KiB" }
  return fixed(Double(bytes) / 1_048_576, 2) + " MiB"
}

/// `64 x 56 x 56`.
func shapeText(_ shape: (channels: Int, height: Int, width: Int)) -> String {
  "\(shape.channels) x \(shape.height) x \(shape.width)"
}

extension OperatorCode {
  /// The word for tables and JSON.
  public var word: String {
    switch self {
    case .convolution: "convolution"
    case .pixelConvolution: "pixel_convolution"
    case .depthwiseConvolution: "depthwise_convolution"
    case .add: "add"
    case .multiply: "multiply"
    case .scaleChannels: "scale_channels"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .lookup: "lookup"
    case .concat: "concat"
    case .slice: "slice"
    case .pad: "pad"
    case .resizeNearest: "resize_nearest"
    case .resizeLinear: "resize_linear"
    case .prelu: "prelu"
    case .softmax: "softmax"
    case .dequantize: "dequantize"
    case .gate: "gate"
    }
  }
}

extension OperatorRecord {
  /// Bits of the weights; nil without weights.
  public var bits: Int? {
    if code == .depthwiseConvolution { return 8 }
    switch weightFormat {
    case .none: return nil
    case .code4: return 4
    case .int8, .nested8: return 8
    }
  }

  /// Bits of the weights in words: "4", "4+4", "8"; "-" without weights.
  public var bitsText: String {
    if code == .depthwiseConvolution { return "8" }
    switch weightFormat {
    case .none: return "-"
    case .int8: return "8"
    case .code4: return "4"
    case .nested8: return "4+4"
    }
  }
}
