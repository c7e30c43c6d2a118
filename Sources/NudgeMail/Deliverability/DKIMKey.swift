import Foundation

/// A public key that a domain publishes for those who sign in its name (RFC 6376, section 3.6.1).
package struct DKIMKey: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case rsa(bits: Int)
    case ed25519
  }

  package var kind: Kind
  /// The domain asks receivers to treat its signatures as if they were not there.
  package var isTest: Bool

  package init(parsing text: String) throws(DKIMKeyError) {
    guard let tags = TagList(text) else { throw .syntax }
    if let version = tags["v"], version != "DKIM1" || tags.tags.first?.name != "v" { throw .version }
    let services = Self.words(tags["s"] ?? "*")
    guard services.contains("*") || services.contains("email") else { throw .otherService }
    guard let base64 = tags["p"]?.filter({ !$0.isWhitespace }) else { throw .noKey }
    guard !base64.isEmpty else { throw .revoked }
    guard let key = Data(base64Encoded: base64) else { throw .unreadable }
    kind = try Self.kind(tags["k"] ?? "rsa", key: Array(key))
    isTest = Self.words(tags["t"] ?? "").contains("y")
  }

  private static func words(_ value: String) -> [String] {
    value.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
  }

  private static func kind(_ name: String, key: [UInt8]) throws(DKIMKeyError) -> Kind {
    switch name {
    case "rsa":
      guard let bits = RSAPublicKey.bits(of: key) else { throw .unreadable }
      return .rsa(bits: bits)
    case "ed25519":
      guard key.count == ed25519Bytes else { throw .unreadable }
      return .ed25519
    default: throw .unknownKind(name)
    }
  }

  private static let ed25519Bytes = 32
}

/// Why a record is no key.
package enum DKIMKeyError: Error, Hashable, Sendable {
  case syntax, version, otherService, noKey, revoked, unreadable
  case unknownKind(String)
}

extension DKIMKeyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax: "it is no list of name=value; parts"
    case .version: "it does not begin with v=DKIM1"
    case .otherService: "s= says that the key is not for mail"
    case .noKey: "it has no p="
    case .revoked: "p= is empty: the key is revoked"
    case .unreadable: "what stands in p= is no such key"
    case .unknownKind(let name): "k=\(name) is neither rsa nor ed25519"
    }
  }
}

/// As much of DER as it takes to see how long an RSA key is.
enum RSAPublicKey {
  private static let sequence: UInt8 = 0x30
  private static let integer: UInt8 = 0x02
  private static let bitString: UInt8 = 0x03

  /// The bits of the modulus, in a SubjectPublicKeyInfo or in a bare RSAPublicKey; nil if it is neither.
  static func bits(of key: [UInt8]) -> Int? {
    guard var outer = content(of: key[...], sequence)?.content, let first = outer.first else { return nil }
    if first == sequence {
      guard let algorithm = content(of: outer, sequence),
        let wrapped = content(of: algorithm.rest, bitString)?.content, wrapped.first == 0,
        let inner = content(of: wrapped.dropFirst(), sequence)?.content
      else { return nil }
      outer = inner
    }
    guard let modulus = content(of: outer, integer), content(of: modulus.rest, integer) != nil else { return nil }
    let digits = modulus.content.drop { $0 == 0 }
    guard let top = digits.first else { return nil }
    return digits.count * 8 - top.leadingZeroBitCount
  }

  /// The content of the element that `bytes` begin with, if it has that tag, and what follows it.
  private static func content(
    of bytes: ArraySlice<UInt8>, _ tag: UInt8
  ) -> (content: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
    guard bytes.first == tag, let short = bytes.dropFirst().first else { return nil }
    var rest = bytes.dropFirst(2)
    var length = Int(short)
    if short & 0x80 != 0 {
      let count = Int(short & 0x7F)
      guard (1...2).contains(count), rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard rest.count >= length else { return nil }
    return (rest.prefix(length), rest.dropFirst(length))
  }
}
