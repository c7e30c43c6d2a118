/// A link that a mail may carry: http or https, absolute.
enum WebAddress {
  private static let example = "must be an http or https URL, like \"https://shop.example/cart\""

  static func complaint(about text: String) -> String? {
    text.bytes(satisfy: isUsual) ? nil : complaintInDetail(about: text)
  }

  /// True for an address of ASCII that follows all rules and has a domain and no port, which nearly every one is.
  private static func isUsual(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count <= Limits.urlBytes, let scheme = usualScheme(of: bytes) else { return false }
    let rest = bytes[scheme...]
    let host = rest.prefix(while: isUsualHostByte)
    guard let first = host.first, first != UInt8(ascii: ".") else { return false }
    return host.endIndex == bytes.count || (isAuthorityEnd(bytes[host.endIndex]) && rest.allSatisfy(isPlain))
  }

  /// How long the scheme is; nil if there is none, or it is an unusual one.
  private static func usualScheme(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    length(of: "https://", startOf: bytes) ?? length(of: "http://", startOf: bytes)
  }

  private static func length(of scheme: StaticString, startOf bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let scheme = UnsafeBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount)
    return bytes.starts(with: scheme) ? scheme.count : nil
  }

  private static func isUsualHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  static func complaintInDetail(about text: String) -> String? {
    let count = text.utf8.count
    if count > Limits.urlBytes { return "must be at most \(Limits.urlBytes) bytes long, not \(count)" }
    if let complaint = PlainText.controlComplaint(about: text) { return complaint }
    guard let rest = afterScheme(text) else { return example }
    if !text.utf8.allSatisfy(isPlain), text.unicodeScalars.contains(where: isForbidden) {
      return "\(example), without spaces, quotes, <, > or \\"
    }
    let authority = rest.prefix { !isAuthorityEnd($0) }
    return isAuthority(authority) ? nil : "\(example), with a host"
  }

  private static func afterScheme(_ text: String) -> Substring.UTF8View? {
    for scheme in ["https://", "http://"] where text.utf8.count > scheme.utf8.count {
      let start = text.utf8.prefix(scheme.utf8.count)
      guard start.elementsEqual(scheme.utf8, by: { lowercased($0) == $1 }) else { continue }
      return text[...].utf8.dropFirst(scheme.utf8.count)
    }
    return nil
  }

  private static func isAuthorityEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// ASCII that is visible and not forbidden: most addresses are nothing else.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"): false
    default: (0x21..<0x7F).contains(byte)
    }
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\"", "<", ">", "\\": true
    default: scalar.value >= 0x80 && scalar.properties.isWhitespace
    }
  }

  /// True for `[user@]host[:port]` with a host.
  private static func isAuthority(_ authority: Substring.UTF8View) -> Bool {
    let hostAndPort =
      authority.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.index(after: $0)...] } ?? authority
    guard let colon = portColon(in: hostAndPort) else { return isHost(hostAndPort) }
    let digits = hostAndPort[hostAndPort.index(after: colon)...]
    guard let digitsText = String(digits), digitsText.isEmpty || UInt16(digitsText) != nil else { return false }
    return isHost(hostAndPort[..<colon])
  }

  private static func portColon(in text: Substring.UTF8View) -> Substring.UTF8View.Index? {
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    return text[colon...].contains(UInt8(ascii: "]")) ? nil : colon
  }

  private static func isHost(_ host: Substring.UTF8View) -> Bool {
    guard let first = host.first else { return false }
    if first == UInt8(ascii: "[") { return host.last == UInt8(ascii: "]") && host.count > 2 }
    return first != UInt8(ascii: ".") && !host.contains(where: isNoHostByte)
  }

  private static func isNoHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"),
      UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: ":"), UInt8(ascii: "%"):
      true
    default: false
    }
  }
}
