import Foundation

/// An address that a mail can be sent to: an ASCII local part without quotes, and a domain that may be an international one.
package enum EmailAddress {
  private static let example = "must be an e-mail address, like \"ann@example.com\""
  private static let localBytes = 64
  private static let labelBytes = 63

  package static func complaint(about text: String) -> String? {
    text.bytes(satisfy: isPlain) ? nil : complaintInDetail(about: text)
  }

  /// True for an ASCII address that follows all rules, which nearly every one is: seen in one pass over its bytes. What is
  /// wrong with another one, if anything is, takes much longer to say.
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count <= Limits.emailBytes, let at = bytes.firstIndex(of: UInt8(ascii: "@")), at <= localBytes else {
      return false
    }
    let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
    return areParts(UnsafeBufferPointer(rebasing: local), isPart: isAtomByte, bytes: localBytes, edges: isAtomByte)
      && areParts(UnsafeBufferPointer(rebasing: domain), isPart: isASCIILabelByte, bytes: labelBytes) {
        $0 != UInt8(ascii: "-")
      }
  }

  /// True if there are parts with dots between them, none of them empty, none longer than `bytes`.
  ///
  /// - Parameter edges: what a part may begin and end with, of that which it may consist of.
  @inline(__always)
  private static func areParts(
    _ text: UnsafeBufferPointer<UInt8>, isPart: (UInt8) -> Bool, bytes: Int, edges: (UInt8) -> Bool
  ) -> Bool {
    var count = 0
    var last = UInt8(ascii: ".")
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard count > 0, edges(last) else { return false }
        count = 0
      } else {
        count += 1
        guard isPart(byte), count <= bytes, count > 1 || edges(byte) else { return false }
      }
      last = byte
    }
    return count > 0 && edges(last)
  }

  static func complaintInDetail(about text: String) -> String? {
    let count = text.utf8.count
    if count > Limits.emailBytes { return "must be at most \(Limits.emailBytes) bytes long, not \(count)" }
    if let complaint = PlainText.controlComplaint(about: text) { return complaint }
    if containsSpace(text) { return "\(example), without spaces" }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return "\(example), with one @" }
    return localComplaint(about: parts[0]) ?? labelsComplaint(about: parts[1]) ?? internationalComplaint(about: parts)
  }

  /// Most addresses are ASCII without any, for which Unicode need not be asked letter by letter.
  private static func containsSpace(_ text: String) -> Bool {
    !text.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x80 }
      && text.unicodeScalars.contains(where: \.properties.isWhitespace)
  }

  private static func localComplaint(about local: Substring) -> String? {
    if local.isEmpty { return "\(example); nothing is before the @" }
    if local.utf8.contains(where: { $0 >= 0x80 }) {
      return "\(example); before the @ only ASCII can be delivered everywhere"
    }
    if local.utf8.count > localBytes { return "\(example), with at most \(localBytes) bytes before the @" }
    let atoms = local.split(separator: ".", omittingEmptySubsequences: false)
    if atoms.contains(where: \.isEmpty) { return "\(example); a dot may not be first, last or doubled before the @" }
    return local.utf8.allSatisfy { isAtomByte($0) || $0 == UInt8(ascii: ".") }
      ? nil : "\(example); before the @ are only letters, digits, dots and !#$%&'*+-/=?^_`{|}~"
  }

  /// RFC 5322's `atext`.
  private static func isAtomByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
      UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="),
      UInt8(ascii: "?"), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func labelsComplaint(about domain: Substring) -> String? {
    if domain.isEmpty { return "\(example); nothing is after the @" }
    let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
    if labels.contains(where: \.isEmpty) { return "\(example); a dot may not be first, last or doubled after the @" }
    for label in labels {
      if label.utf8.count > labelBytes && isASCII(label) {
        return "\(example); no part of a domain is longer than \(labelBytes) bytes"
      }
      if label.hasPrefix("-") || label.hasSuffix("-") {
        return "\(example); no part of a domain begins or ends with a hyphen"
      }
      guard label.utf8.allSatisfy(isLabelByte) else {
        return "\(example); after the @ are only letters, digits, hyphens and dots"
      }
    }
    return nil
  }

  /// The domain as mail servers are told it, with A-labels, follows the rules as well.
  private static func internationalComplaint(about parts: [Substring]) -> String? {
    let (local, domain) = (parts[0], parts[1])
    if isASCII(domain) { return nil }
    let host = URLComponents(string: "http://\(domain)")?.encodedHost ?? ""
    guard isASCII(host[...]), labelsComplaint(about: host[...]) == nil,
      local.utf8.count + 1 + host.utf8.count <= Limits.emailBytes
    else { return "\(example); that is no international domain name" }
    return nil
  }

  private static func isASCII(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

  private static func isASCIILabelByte(_ byte: UInt8) -> Bool { byte < 0x80 && isLabelByte(byte) }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), 0x80...:
      true
    default: false
    }
  }
}
