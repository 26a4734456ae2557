import SwiftletCore

/// How camera values lie in memory; 8 bits each.
public enum YUVFormat: Sendable {
  /// Planes Y, Cb, Cr; chroma halved both ways (also called YUV420).
  case i420
  /// Plane Y, plane of Cb Cr pairs halved both ways.
  case nv12
  /// One plane of Y Cb Y Cr.
  case yuyv
  /// Planes Y, Cb, Cr; chroma halved along rows.
  case i422
  /// Planes Y, Cb, Cr.
  case i444
  /// Plane Y.
  case gray

  /// Bytes of a frame without gaps. Odd sizes round chroma up; YUYV rounds rows up to a pair.
  public func bytes(width: Int, height: Int) -> Int {
    let half = (width + 1) / 2
    return switch self {
    case .i420, .nv12: width * height + 2 * half * ((height + 1) / 2)
    case .yuyv: 4 * half * height
    case .i422: width * height + 2 * half * height
    case .i444: 3 * width * height
    case .gray: width * height
    }
  }
}

/// Converts frames of one size and format to RGB; owns three rows of scratch memory.
public struct YUVConverter: ~Copyable {
  public let width: Int
  public let height: Int
  public let format: YUVFormat
  private let matrix: ColorMatrix
  /// Cb, Cr and Y of one row at full width, each with room for 8 more.
  private let scratch: UnsafeMutablePointer<UInt8>
  private var line: Int { width + 16 }

  /// A converter of frames of `width` x `height`, both at least 1.
  public init(width: Int, height: Int, format: YUVFormat, matrix: ColorMatrix) {
    precondition(width > 0 && height > 0)
    self.width = width
    self.height = height
    self.format = format
    self.matrix = matrix
    scratch = .allocate(capacity: (width + 16) * 3)
    scratch.initialize(repeating: 128, count: (width + 16) * 3)
  }

  deinit { scratch.deallocate() }

  /// Converts `frame`, `format.bytes(width:height:)` bytes, into `image`. Chroma is repeated, not
  /// interpolated. Throws IMG only for a size beyond `Image`'s limits.
  public func convert(_ frame: UnsafePointer<UInt8>, into image: inout Image)
    throws(SwiftletError)
  {
    try image.reserve(width: width, height: height, place: "video frame")
    let u = scratch
    let v = scratch + line
    let y = scratch + 2 * line
    for row in 0..<height {
      fetch(frame, row, y, u, v)
      var out = UnsafeMutableRawPointer(image.pixels + row * width * 3)
      var x = 0
      while x < width {
        let pixels = matrix.rgb(Self.eight(y + x), Self.eight(u + x), Self.eight(v + x))
        // Each store writes one byte too many, which the next one or the next row corrects; the
        // last ones fall into the image's slack. SAFETY: 8 pixels are at most 25 bytes.
        for i in 0..<8 {
          out.storeBytes(of: pixels[i], as: Int32.self)
          out += 3
        }
        x += 8
      }
    }
  }

  @inline(__always)
  private static func eight(_ at: UnsafeMutablePointer<UInt8>) -> SIMD8<UInt8> {
    UnsafeRawPointer(at).loadUnaligned(as: SIMD8<UInt8>.self)
  }

  /// One row of each, chroma at full width.
  private func fetch(
    _ frame: UnsafePointer<UInt8>, _ row: Int, _ y: UnsafeMutablePointer<UInt8>,
    _ u: UnsafeMutablePointer<UInt8>, _ v: UnsafeMutablePointer<UInt8>
  ) {
    let half = (width + 1) / 2
    let plane = width * height
    switch format {
    case .i420, .i422:
      let chromaRow = format == .i420 ? row / 2 : row
      let chromaHeight = format == .i420 ? (height + 1) / 2 : height
      let cb = frame + plane + chromaRow * half
      let cr = cb + half * chromaHeight
      y.update(from: frame + row * width, count: width)
      for x in 0..<width {
        u[x] = cb[x >> 1]
        v[x] = cr[x >> 1]
      }
    case .nv12:
      let pairs = frame + plane + row / 2 * half * 2
      y.update(from: frame + row * width, count: width)
      for x in 0..<width {
        u[x] = pairs[x & ~1]
        v[x] = pairs[x | 1]
      }
    case .yuyv:
      let at = frame + row * half * 4
      for x in 0..<width {
        y[x] = at[2 * x]
        u[x] = at[(x & ~1) * 2 + 1]
        v[x] = at[(x & ~1) * 2 + 3]
      }
    case .i444:
      y.update(from: frame + row * width, count: width)
      u.update(from: frame + plane + row * width, count: width)
      v.update(from: frame + 2 * plane + row * width, count: width)
    case .gray:
      // Cb and Cr stay 128.
      y.update(from: frame + row * width, count: width)
    }
  }
}
