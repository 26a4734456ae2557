import CShims
import SwiftletCore

/// Bytes of a file or pipe in order, through a buffer of its own.
struct ByteStream: ~Copyable {
  private static var capacity: Int { 65536 }
  private let file: Int32
  private let owns: Bool
  let place: String
  private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
  private var at = 0
  private var end = 0

  /// Reads the file at `path`; throws SYS001.
  init(path: String) throws(SwiftletError) {
    let file = shim_open(path)
    guard file >= 0 else {
      throw SwiftletError(
        .cannotOpen, place: path, found: String(cString: shim_errno_name(shim_errno())))
    }
    self.init(descriptor: file, owns: true, place: path)
  }

  /// Reads an open descriptor; closes it at the end if it `owns` it.
  init(descriptor: Int32, owns: Bool, place: String) {
    file = descriptor
    self.owns = owns
    self.place = place
  }

  deinit {
    buffer.deallocate()
    if owns { close(file) }
  }

  /// The next byte without taking it, -1 at the end.
  mutating func peek() throws(SwiftletError) -> Int {
    if at == end { try fill() }
    return at < end ? Int(buffer[at]) : -1
  }

  /// Whether the coming bytes are `text`, which is not taken; `text` is short and ASCII.
  mutating func starts(with text: StaticString) throws(SwiftletError) -> Bool {
    let wanted = text.utf8CodeUnitCount
    while end - at < wanted {
      let before = end - at
      if at > 0 {
        memmove(buffer, buffer + at, before)
        at = 0
        end = before
      }
      try fill()
      if end - at == before { break }
    }
    if end - at < wanted { return false }
    for i in 0..<wanted where buffer[at + i] != text.utf8Start[i] { return false }
    return true
  }

  /// Takes up to `count` bytes; fewer only at the end. `to` nil passes over them.
  mutating func take(_ count: Int, _ to: UnsafeMutablePointer<UInt8>?) throws(SwiftletError) -> Int
  {
    var done = 0
    while done < count {
      if at == end {
        // Large rests go straight to their place.
        if let to, count - done >= Self.capacity {
          let got = try receive(to + done, count - done)
          if got == 0 { return done }
          done += got
          continue
        }
        try fill()
        if at == end { return done }
      }
      let n = min(count - done, end - at)
      if let to { (to + done).update(from: buffer + at, count: n) }
      at += n
      done += n
    }
    return done
  }

  /// Back to byte 0; false for a pipe.
  mutating func rewind() -> Bool {
    if lseek(file, 0, SEEK_SET) != 0 { return false }
    at = 0
    end = 0
    return true
  }

  private mutating func fill() throws(SwiftletError) {
    if at == end {
      at = 0
      end = 0
    }
    end += try receive(buffer + end, Self.capacity - end)
  }

  private func receive(_ to: UnsafeMutablePointer<UInt8>, _ count: Int) throws(SwiftletError)
    -> Int
  {
    while true {
      let got = read(file, to, count)
      if got >= 0 { return got }
      if shim_errno() == EINTR { continue }
      throw SwiftletError(
        .cannotRead, place: place, found: String(cString: shim_errno_name(shim_errno())))
    }
  }
}
