extension JSON {
  /// The value as a JSON text without needless space, in UTF-8.
  package var bytes: [UInt8] {
    var writer = TextWriter()
    writer.value(self)
    return writer.withBytes { Array($0) }
  }

  package var text: String {
    var writer = TextWriter()
    writer.value(self)
    return writer.text
  }
}

// MARK: - Values

/// JSON without needless space: what is told often is written as it is, without a tree of values.
extension TextWriter {
  package mutating func value(_ json: JSON) {
    switch json {
    case .null: null()
    case .bool(let value): self.value(value)
    case .number(let literal): write(literal)
    case .string(let value): self.value(value)
    case .array(let values): array { writer in for value in values { writer.element { $0.value(value) } } }
    case .object(let members):
      object { writer in
        for member in members {
          writer.separate()
          writer.value(member.name)
          writer.write(UInt8(ascii: ":"))
          writer.value(member.value)
        }
      }
    }
  }

  package mutating func null() { write("null") }

  package mutating func value(_ bool: Bool) { write(bool ? "true" : "false") }

  package mutating func value(_ string: String) {
    var string = string
    string.withUTF8 { value(UnsafeRawBufferPointer($0)) }
  }

  private mutating func value(_ utf8: UnsafeRawBufferPointer) {
    let plain = PlainRun(in: utf8, from: 0).end
    guard plain == utf8.count else { return escape(utf8, from: plain) }
    append(utf8.count + 2) { place in
      place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
      (place + 1).copy(utf8)
      place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: utf8.count + 1, as: UInt8.self)
    }
  }

  /// - Parameter first: where the first byte is that does not stand for itself.
  private mutating func escape(_ utf8: UnsafeRawBufferPointer, from first: Int) {
    var (start, end) = (0, first)
    write(UInt8(ascii: "\""))
    while end < utf8.count {
      write(UnsafeRawBufferPointer(rebasing: utf8[start..<end]))
      writeEscaped(utf8[end])
      start = end + 1
      end = PlainRun(in: utf8, from: start).end
    }
    write(UnsafeRawBufferPointer(rebasing: utf8[start...]))
    write(UInt8(ascii: "\""))
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): write(#"\""#)
    case UInt8(ascii: "\\"): write(#"\\"#)
    case 0x08: write(#"\b"#)
    case 0x09: write(#"\t"#)
    case 0x0A: write(#"\n"#)
    case 0x0C: write(#"\f"#)
    case 0x0D: write(#"\r"#)
    default:
      let hexadecimal = String(byte, radix: 16)
      write("\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal)
    }
  }
}

// MARK: - Arrays and objects

extension TextWriter {
  package mutating func array(_ elements: (inout TextWriter) -> Void) {
    write(UInt8(ascii: "["))
    elements(&self)
    write(UInt8(ascii: "]"))
  }

  package mutating func element(_ value: (inout TextWriter) -> Void) {
    separate()
    value(&self)
  }

  package mutating func object(_ members: (inout TextWriter) -> Void) {
    write(UInt8(ascii: "{"))
    members(&self)
    write(UInt8(ascii: "}"))
  }

  /// - Parameter name: of letters and underscores, so that there is nothing to escape.
  package mutating func member(_ name: StaticString, _ value: (inout TextWriter) -> Void) {
    let isFirst = isFirst
    let bytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    append(bytes.count + (isFirst ? 3 : 4)) { place in
      if !isFirst { place.storeBytes(of: UInt8(ascii: ","), as: UInt8.self) }
      let place = isFirst ? place : place + 1
      place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
      (place + 1).copy(bytes)
      place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: bytes.count + 1, as: UInt8.self)
      place.storeBytes(of: UInt8(ascii: ":"), toByteOffset: bytes.count + 2, as: UInt8.self)
    }
    value(&self)
  }

  package mutating func member(_ name: StaticString, _ string: String) { member(name) { $0.value(string) } }
  package mutating func member(_ name: StaticString, _ number: Int) { member(name) { $0.write(number) } }
  package mutating func member(_ name: StaticString, _ bool: Bool) { member(name) { $0.value(bool) } }

  package mutating func member(_ name: StaticString, _ time: Timestamp?) {
    member(name) { writer in
      guard let time else { return writer.null() }
      writer.write(UInt8(ascii: "\""))
      writer.write(time)
      writer.write(UInt8(ascii: "\""))
    }
  }

  /// A member only if there is something to say.
  mutating func member(_ name: StaticString, ifSaid string: String?) {
    if let string { member(name, string) }
  }

  private mutating func separate() {
    if !isFirst { write(UInt8(ascii: ",")) }
  }

  /// Nothing is in the innermost array or object yet: no value ends with an opening bracket.
  private var isFirst: Bool { last == UInt8(ascii: "{") || last == UInt8(ascii: "[") }
}
