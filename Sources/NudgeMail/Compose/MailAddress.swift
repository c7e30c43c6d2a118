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
    guard let at = address.lastIndex(of: "@") else { throw .noAt }
    let local = address[..<at]
    let domain = try asciiDomain(String(address[address.index(after: at)...]))
    guard !local.isEmpty else { throw .noAt }
    guard isLocalPart(local) else { throw .localPart }
    guard local.utf8.count + 1 + domain.utf8.count <= longest else { throw .tooLong }
    return local + "@" + domain
  }

  private static func isLocalPart(_ text: Substring) -> Bool {
    let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= longestLocalPart
      && atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Mailbox.isAtomText) }
  }

  private static func asciiDomain(_ domain: String) throws(MailboxError) -> String {
    guard !domain.isEmpty else { throw .noAt }
    if isDomain(domain) { return domain }
    let isForURL = domain.unicodeScalars.allSatisfy { !$0.isASCII || isLabelText(UInt8($0.value)) || $0 == "." }
    let encoded = isForURL ? URLComponents(string: "http://\(domain)/")?.encodedHost : nil
    guard let encoded, isDomain(encoded) else { throw .domain(domain) }
    return encoded
  }

  /// True for labels of letters, digits and hyphens with dots between them.
  private static func isDomain(_ text: String) -> Bool {
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let areLabels = labels.allSatisfy { label in
      (1...longestLabel).contains(label.count) && label.allSatisfy(isLabelText)
        && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
    }
    return areLabels && text.utf8.count <= longestDomain
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
  /// RFC 5322's atext.
  static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }
}
