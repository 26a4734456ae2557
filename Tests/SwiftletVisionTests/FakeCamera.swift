import CFakeCamera
import CShims
import SwiftletCore
import SwiftletVision

/// A camera that follows the kernel's rules and keeps its own time. Its state, some kilobytes,
/// outlives it, because a source may end later and closes what it holds.
final class FakeCamera {
  let state: UnsafeMutablePointer<fake_camera>
  let calls: UnsafeMutablePointer<video_calls>

  init(_ letters: String = "YUYV") {
    state = .allocate(capacity: 1)
    state.initialize(to: fake_camera())
    calls = .allocate(capacity: 1)
    calls.initialize(to: video_calls())
    fake_make(state, calls)
    offer([letters])
  }

  func offer(_ formats: [String]) {
    withUnsafeMutableBytes(of: &state.pointee.formats) { raw in
      let list = raw.bindMemory(to: UInt32.self)
      for i in list.indices { list[i] = i < formats.count ? fake_fourcc(formats[i]) : 0 }
    }
  }

  func offer(sizes: [(Int, Int)]) {
    withUnsafeMutableBytes(of: &state.pointee.sizes) { raw in
      let list = raw.bindMemory(to: UInt32.self)
      for i in 0..<list.count / 2 {
        list[2 * i] = i < sizes.count ? UInt32(sizes[i].0) : 0
        list[2 * i + 1] = i < sizes.count ? UInt32(sizes[i].1) : 0
      }
    }
  }

  /// The camera as a source that wants frames of at least 224 x 224.
  func open(
    _ name: String = "/dev/video0", _ change: (inout SourceOptions) -> Void = { _ in }
  ) throws(SwiftletError) -> V4L2Source {
    var options = SourceOptions()
    options.minimumWidth = 224
    options.minimumHeight = 224
    change(&options)
    return try V4L2Source(name, options, calls: calls)
  }

  /// Nothing is open, nothing mapped.
  var isClean: Bool { state.pointee.open_files == 0 && state.pointee.open_maps == 0 }
  var seconds: Double { Double(state.pointee.now) / 1e9 }
}

/// What `body` returns, or its error.
func attempt<T>(_ body: () throws(SwiftletError) -> T) -> Result<T, SwiftletError> {
  do throws(SwiftletError) { return .success(try body()) } catch { return .failure(error) }
}
