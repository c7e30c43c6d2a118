import NudgeDomain

/// Small numbers that rows are found by. They are stable across processes and versions, because they are stored.
enum Hash {
  private static let buckets: UInt64 = 256
  /// Numbers of up to 47 bits take SQLite six bytes, each in the table and in the index.
  private static let stored: UInt64 = (1 << 47) - 1
  /// No UTF-8 text holds this byte, so that ("ab", "c") and ("a", "bc") differ.
  private static let separator: UInt8 = 0xff

  static func bucket(ofShop shop: String) -> Int64 {
    Int64(fnv1a(shop.utf8) % buckets)
  }

  static func key(shop: String, _ text: String) -> Int64 {
    let hash = fnv1a(text.utf8, after: fnv1a(CollectionOfOne(separator), after: fnv1a(shop.utf8)))
    return Int64((hash ^ (hash >> 47)) & stored)
  }

  static func key(shop: String, _ text: String?) -> Int64? {
    text.map { key(shop: shop, $0) }
  }

  /// FNV-1a, 64 bits wide.
  private static func fnv1a(_ bytes: some Sequence<UInt8>, after start: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
