import CShims
import SwiftletCore

/// The GPIO lines of all chips.
enum GPIOLines {
  /// `gpiochip0`, ... in the order of their numbers.
  static func chips(_ root: String) -> [String] {
    var numbers: [Int] = []
    for name in Files.names(in: root + "/dev", start: "gpiochip") {
      guard let number = Int(String(decoding: name.utf8.dropFirst(8), as: UTF8.self)) else {
        continue
      }
      var at = numbers.count
      while at > 0, numbers[at - 1] > number { at -= 1 }
      numbers.insert(number, at: at)
    }
    var names: [String] = []
    for number in numbers { names.append("gpiochip\(number)") }
    return names
  }

  /// Finds a line and hands its chip's descriptor and its offset to `take`, which returns the
  /// line's descriptor or -1.
  static func take(
    _ argument: GPIOArgument, root: String, _ take: (Int32, UInt32) -> Int32
  ) throws(SwiftletError) -> Int32 {
    let place = "gpio:" + argument.line
    let position = argument.position
    var known = ""
    var denied: Int32 = 0
    let chips = chips(root)
    for chip in chips {
      var file = OpenFile(root + "/dev/" + chip)
      defer { file.close() }
      guard file.descriptor >= 0 else {
        denied = file.error
        continue
      }
      var name = [32 of CChar](repeating: 0)
      var label = [32 of CChar](repeating: 0)
      let count = withUnsafeMutableBytes(of: &name) { name in
        withUnsafeMutableBytes(of: &label) { label in
          shim_gpio_lines(
            file.descriptor, name.assumingMemoryBound(to: CChar.self).baseAddress,
            label.assumingMemoryBound(to: CChar.self).baseAddress)
        }
      }
      if count < 0 { continue }
      for offset in 0..<UInt32(count) {
        if let position, position.chip != chip || position.offset != offset { continue }
        var line = shim_gpio_line()
        let error = shim_gpio_line_info(file.descriptor, offset, &line)
        if error == EINVAL || error == ENOTTY {
          throw SwiftletError(.gpioUnsupported, place: "/dev/" + chip)
        }
        if error != 0 { throw failed(place, error) }
        let name = text(line.name)
        if position == nil && name != argument.line {
          if !name.isEmpty, known.utf8.count < 600 { known += known.isEmpty ? name : " " + name }
          continue
        }
        if line.is_used != 0 {
          let user = text(line.user)
          throw SwiftletError(.gpioBusy, place: place, found: user.isEmpty ? "kernel" : user)
        }
        let descriptor = take(file.descriptor, offset)
        if descriptor >= 0 { return descriptor }
        throw failed(place, shim_errno())
      }
    }
    if chips.isEmpty { throw SwiftletError(.gpioNoLine, place: place, found: "no /dev/gpiochip*") }
    if denied == EACCES || denied == EPERM { throw failed(place, denied) }
    throw SwiftletError(
      .gpioNoLine, place: place, expected: known.isEmpty ? "CHIP:OFFSET: no line has a name" : known
    )
  }

  static func failed(_ place: String, _ error: Int32) -> SwiftletError {
    let code: ErrorCode =
      switch error {
      case EBUSY: .gpioBusy
      case EACCES, EPERM: .gpioDenied
      default: .gpioFailed
      }
    return SwiftletError(code, place: place, found: systemErrorName(error))
  }

  /// The text of a C array that ends with 0.
  static func text<T>(_ array: T) -> String {
    withUnsafeBytes(of: array) { bytes in
      var count = 0
      while count < bytes.count, bytes[count] != 0 { count += 1 }
      return String(decoding: bytes[0..<count], as: UTF8.self)
    }
  }
}
