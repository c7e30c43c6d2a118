import Foundation

/// The rules of a mail address that ASCII mail can be sent to.
enum MailAddress {
  /// Bytes in an address, RFC 5321.
  static let longest = 254
  private static let longestLocalPart = 64
  private static let longestDomain = 253
  private static let longestLabel = 63

  /// `address` with its domain as A-labels.
  static func ascii(_ address: String) throws(MailboxError) -> String {
    if isASCII(address) { return address }
    guard let at = address.lastIndex(of: "@") else { throw .noAt }
    let local = address[..<at]
    let domain = try asciiDomain(String(address[address.index(after: at)...]))
    guard !local.isEmpty else { throw .noAt }
    guard isLocalPart(local) else { throw .localPart }
    guard local.utf8.count + 1 + domain.utf8.count <= longest else { throw .tooLong }
    return local + "@" + domain
  }

  /// True for an address that is as mail servers are told it already, as nearly all are.
  private static func isASCII(_ address: String) -> Bool {
    guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")), address.utf8.count <= longest else { return false }
    return isLocalPart(address[..<at]) && isDomain(address[address.utf8.index(after: at)...])
  }

  private static func isLocalPart(_ text: Substring) -> Bool {
    text.utf8.count <= longestLocalPart && Mailbox.areAtoms(text.utf8)
  }

  private static func asciiDomain(_ domain: String) throws(MailboxError) -> String {
    guard !domain.isEmpty else { throw .noAt }
    if isDomain(domain[...]) { return domain }
    let isForURL = domain.unicodeScalars.allSatisfy { !$0.isASCII || isLabelText(UInt8($0.value)) || $0 == "." }
    let encoded = isForURL ? URLComponents(string: "http://\(domain)/")?.encodedHost : nil
    guard let encoded, isDomain(encoded[...]) else { throw .domain(domain) }
    return encoded
  }

  /// True for labels of letters, digits and hyphens with dots between them.
  private static func isDomain(_ text: Substring) -> Bool {
    var length = 0
    var previous: UInt8?
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        guard endsLabel(previous, length) else { return false }
        length = 0
      } else {
        guard isLabelText(byte), length > 0 || byte != UInt8(ascii: "-") else { return false }
        length += 1
      }
      previous = byte
    }
    return endsLabel(previous, length) && text.utf8.count <= longestDomain
  }

  private static func endsLabel(_ last: UInt8?, _ length: Int) -> Bool {
    (1...longestLabel).contains(length) && last != UInt8(ascii: "-")
  }

  private static func isLabelText(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

extension Mailbox {
  /// True for atoms with one `separator` between each two: with a dot, RFC 5322's dot-atom-text.
  static func areAtoms(_ bytes: some Sequence<UInt8>, between separator: UInt8 = UInt8(ascii: ".")) -> Bool {
    var isAtom = false
    for byte in bytes {
      let isSeparator = byte == separator
      guard isSeparator ? isAtom : isAtomText(byte) else { return false }
      isAtom = !isSeparator
    }
    return isAtom
  }

  /// RFC 5322's atext.
  static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }
}
