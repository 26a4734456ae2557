/// Writes JSON, one value after another, deterministically and without any tree in memory.
///
/// Members come in the order of the calls; commas and nesting are taken care of. Numbers are
/// never quoted, and what is no finite number becomes null.
public struct JSONWriter {
  /// The text so far.
  public private(set) var text: TextBuffer
  /// Whether a comma is due before the next member or element.
  private var needsComma = false

  /// Room for `capacity` bytes; more is taken as needed.
  public init(capacity: Int = 512) { text = TextBuffer(capacity: capacity) }

  /// Starts an object whose first key is "schema".
  public init(schema: String, capacity: Int = 512) {
    self.init(capacity: capacity)
    begin(schema: schema)
  }

  /// Empties the text and starts the next object: a line of a stream.
  @inline(never)
  public mutating func begin(schema: String) {
    text.clear()
    needsComma = false
    beginObject()
    member("schema", schema)
  }

  // MARK: nesting

  /// Starts an object as an element of an array or as the whole value.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }

  /// Starts an object as a member.
  @inline(never)
  public mutating func beginObject(_ key: StaticString) {
    self.key(key)
    open(UInt8(ascii: "{"))
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func beginObject(_ key: String) {
    self.key(key)
    open(UInt8(ascii: "{"))
  }

  /// Ends the innermost object.
  public mutating func endObject() { close(UInt8(ascii: "}")) }

  /// Starts an array as a member.
  @inline(never)
  public mutating func beginArray(_ key: StaticString) {
    self.key(key)
    open(UInt8(ascii: "["))
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func beginArray(_ key: String) {
    self.key(key)
    open(UInt8(ascii: "["))
  }

  /// Ends the innermost array.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Ends the outermost object and the line.
  @inline(never)
  public mutating func endLine() {
    endObject()
    text.append(byte: UInt8(ascii: "\n"))
  }

  // MARK: members

  /// A text, or null.
  @inline(never)
  public mutating func member(_ key: StaticString, _ value: String?) {
    self.key(key)
    if let value { quoted(value) } else { text.append("null") }
    needsComma = true
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func member(_ key: String, _ value: String?) {
    self.key(key)
    if let value { quoted(value) } else { text.append("null") }
    needsComma = true
  }

  /// A whole number, or null.
  @inline(never)
  public mutating func member(_ key: StaticString, _ value: Int?) {
    self.key(key)
    if let value { text.append(value) } else { text.append("null") }
    needsComma = true
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func member(_ key: String, _ value: Int?) {
    self.key(key)
    if let value { text.append(value) } else { text.append("null") }
    needsComma = true
  }

  /// Truth.
  @inline(never)
  public mutating func member(_ key: StaticString, _ value: Bool) {
    self.key(key)
    text.append(value ? "true" : "false")
    needsComma = true
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func member(_ key: String, _ value: Bool) {
    self.key(key)
    text.append(value ? "true" : "false")
    needsComma = true
  }

  /// A number with `decimals` digits after the point; null if absent or no finite number.
  @inline(never)
  public mutating func member(_ key: StaticString, _ value: Double?, decimals: Int) {
    self.key(key)
    number(value, decimals: decimals)
  }

  /// The same with a key that is made at run time.
  @inline(never) @_disfavoredOverload
  public mutating func member(_ key: String, _ value: Double?, decimals: Int) {
    self.key(key)
    number(value, decimals: decimals)
  }

  /// The wall clock in RFC 3339 form.
  @inline(never)
  mutating func memberWallClock(_ key: StaticString) {
    self.key(key)
    text.append("\"")
    Machine.appendWallClock(to: &text)
    text.append("\"")
    needsComma = true
  }

  // MARK: elements

  /// A text in an array.
  public mutating func element(_ value: String) {
    comma()
    quoted(value)
    needsComma = true
  }

  /// A whole number in an array.
  public mutating func element(_ value: Int) {
    comma()
    text.append(value)
    needsComma = true
  }

  /// A number in an array; null if it is not finite.
  public mutating func element(_ value: Double, decimals: Int) {
    comma()
    number(value, decimals: decimals)
  }

  // MARK: parts

  @inline(never)
  private mutating func open(_ bracket: UInt8) {
    comma()
    text.append(byte: bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    text.append(byte: bracket)
    needsComma = true
  }

  @inline(never)
  private mutating func comma() {
    if needsComma { text.append(byte: UInt8(ascii: ",")) }
    needsComma = false
  }

  @inline(never)
  private mutating func key(_ key: StaticString) {
    comma()
    text.append(byte: UInt8(ascii: "\""))
    text.append(key)
    text.append("\":")
  }

  @inline(never)
  private mutating func key(_ key: String) {
    comma()
    quoted(key)
    text.append(byte: UInt8(ascii: ":"))
  }

  @inline(never)
  private mutating func number(_ value: Double?, decimals: Int) {
    if let value, value.isFinite, value.magnitude < 1e15 {
      text.append(value, decimals: decimals)
    } else {
      text.append("null")
    }
    needsComma = true
  }

  /// RFC 8259, section 7: the quote, the backslash and control characters are escaped.
  @inline(never)
  private mutating func quoted(_ value: String) {
    text.append(byte: UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""): text.append("\\\"")
      case UInt8(ascii: "\\"): text.append("\\\\")
      case UInt8(ascii: "\n"): text.append("\\n")
      case UInt8(ascii: "\r"): text.append("\\r")
      case UInt8(ascii: "\t"): text.append("\\t")
      case 0..<0x20:
        text.append("\\u00")
        text.append(byte: hex(byte >> 4))
        text.append(byte: hex(byte & 15))
      default: text.append(byte: byte)
      }
    }
    text.append(byte: UInt8(ascii: "\""))
  }

  private func hex(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}
