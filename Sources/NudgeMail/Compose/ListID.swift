import Crypto
import Foundation
import NudgeDomain

/// RFC 2919: what filters and complaint reports tell a shop's streams of mail apart by. The same for all mails of one
/// shop and stream, different for any two others.
struct ListID {
  /// Bytes of an identifier, RFC 2919.
  static let longest = 255
  private static let longestLabel = 63
  /// Bytes of the hash that stands for a name which cannot be a label itself.
  private static let hashBytes = 10

  /// What people read: the shop and the stream.
  let name: String
  /// Lower-case ASCII: `reminders.SHOP.DOMAIN`.
  let identifier: String

  /// - Parameter domain: of the sender, in ASCII.
  init(kind: Message.Kind, shop: String, sender: String?, domain: String) {
    let stream = kind == .order ? "orders" : "reminders"
    name = "\(sender ?? shop) \(stream)"
    let domain = domain.lowercased()
    let identifier = "\(stream).\(Self.label(for: shop)).\(domain)"
    self.identifier = identifier.utf8.count <= Self.longest ? identifier : Self.short(stream, shop, domain)
  }

  /// The name of the shop if it is a label, else the letters and digits in it and a hash, set apart by `--`, which no
  /// name has that stands for itself.
  private static func label(for shop: String) -> String {
    if isLabel(shop) { return shop }
    let readable = shop.lowercased().utf8.prefix(longestLabel / 2).map { isLetterOrDigit($0) ? $0 : UInt8(ascii: "-") }
    let words = String(decoding: readable, as: UTF8.self).split(separator: "-").joined(separator: "-")
    return (words.isEmpty ? "shop" : words) + "--" + hash(shop)
  }

  private static func isLabel(_ text: String) -> Bool {
    let bytes = text.utf8
    return (1...longestLabel).contains(bytes.count)
      && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
      && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-") && !text.contains("--")
  }

  /// For a domain so long that the shop's name does not fit before it: the domain above it, and a hash of both names.
  private static func short(_ stream: String, _ shop: String, _ domain: String) -> String {
    let start = "\(stream).\(hash("\(shop)\n\(domain)"))"
    let labels = domain.split(separator: ".")
    let tails = labels.indices.map { labels[$0...].joined(separator: ".") }
    let tail = tails.first { start.utf8.count + 1 + $0.utf8.count <= longest } ?? "invalid"
    return "\(start).\(tail)"
  }

  private static func hash(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).prefix(hashBytes).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
    }.joined()
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
