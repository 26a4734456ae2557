/// How camera values lie in memory; 8 bits each.
public enum YUVFormat: Sendable {
  /// Planes Y, Cb, Cr; chroma halved both ways (also called YUV420).
  case i420
  /// Plane Y, plane of Cb Cr pairs halved both ways.
  case nv12
  /// Plane Y, plane of Cr Cb pairs halved both ways.
  case nv21
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
    case .i420, .nv12, .nv21: width * height + 2 * half * ((height + 1) / 2)
    case .yuyv: 4 * half * height
    case .i422: width * height + 2 * half * height
    case .i444: 3 * width * height
    case .gray: width * height
    }
  }
}
