/// A mail address, with the name of its owner if that is known: `Example Shop <cart@shop.example>`.
package struct Mailbox: Hashable, Sendable {
  package var name: String?
  package var address: String

  package init(name: String? = nil, address: String) {
    self.name = name
    self.address = address
  }

  /// Reads `address`, `<address>`, `Name <address>` or `"Name" <address>`.
  package init(parsing text: String) throws(MailboxError) {
    let text = text.trimmingSpace
    if let control = text.unicodeScalars.first(where: \.breaksHeaders) { throw .controlCharacter(control.value) }
    if text.last == ">", let open = text.lastIndex(of: "<") {
      address = String(text[text.index(after: open)...].dropLast())
      name = try Self.name(in: text[..<open].trimmingSpace)
    } else {
      address = String(text)
    }
    _ = try asciiAddress
  }

  /// The address in ASCII, as mail servers are told it: an international domain as A-labels.
  package var asciiAddress: String {
    get throws(MailboxError) { try MailAddress.ascii(address) }
  }

  /// The domain of the address, in ASCII.
  package var asciiDomain: String {
    get throws(MailboxError) {
      let address = try asciiAddress
      return String(address[address.utf8.lastIndex(of: UInt8(ascii: "@"))!...].dropFirst())
    }
  }

  private static func name(in text: Substring) throws(MailboxError) -> String? {
    guard text.first == "\"" else {
      guard !text.contains(where: { "<>\"".contains($0) }) else { throw .badName(String(text)) }
      return text.isEmpty ? nil : String(text)
    }
    var name = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      guard isEscaped || character != "\"" else { throw .badName(String(text)) }
      if character == "\\" && !isEscaped {
        isEscaped = true
      } else {
        name.append(character)
        isEscaped = false
      }
    }
    guard text.count > 1, text.last == "\"", !isEscaped else { throw .badName(String(text)) }
    return name.isEmpty ? nil : name
  }
}

/// Why a text is no mailbox that mail can be sent to.
package enum MailboxError: Error, Hashable, Sendable {
  case controlCharacter(UInt32)
  case badName(String)
  case noAt
  case tooLong
  case localPart
  case domain(String)
}

extension MailboxError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .controlCharacter(let value): "contains the control character U+\(String(value, radix: 16).padded(to: 4))"
    case .badName(let name): "has a name that cannot be read: \(name)"
    case .noAt: "is not a mail address: it lacks a name before or a domain after the @"
    case .tooLong: "is longer than \(MailAddress.longest) characters"
    case .localPart: "has a part before the @ that is not plain ASCII without spaces and doubled dots"
    case .domain(let domain): "has a domain that cannot be one: \(domain)"
    }
  }
}

extension String {
  fileprivate func padded(to length: Int) -> String {
    String(repeating: "0", count: max(0, length - count)) + uppercased()
  }
}

extension StringProtocol {
  fileprivate var trimmingSpace: SubSequence {
    let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? startIndex
    return self[..<end].drop(while: \.isWhitespace)
  }
}

extension Unicode.Scalar {
  /// True for what could end a header's line or hide in it: control characters and the Unicode line ends.
  var breaksHeaders: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return properties.generalCategory == .control || value == 0x2028 || value == 0x2029
  }
}
