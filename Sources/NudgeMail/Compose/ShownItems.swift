/// The items that a built-in mail shows of a cart, however large it is: as many as leave the HTML well under the 102 kB
/// after which Gmail cuts a mail off.
struct ShownItems {
  /// Items in one mail.
  static let most = 25
  /// Characters of an item's name.
  static let longestName = 120
  /// Bytes of an item's name.
  static let longestNameBytes = 480
  /// Bytes of all rows in HTML, escaped.
  static let mostBytes = 68_000
  /// Characters of the items' names, put together for the line that a mailbox shows below the subject.
  static let longestTeaser = 90
  private static let teaserItems = 3
  /// Bytes that the layout takes for a row, without what the item says.
  private static let rowBytes = 2_200

  /// The first items of the cart, their names cut to what a row holds.
  let items: [Cart.Item]
  /// How many there are besides.
  let more: Int

  init(_ all: [Cart.Item]) {
    var items: [Cart.Item] = []
    var bytes = 0
    for item in all.prefix(Self.most) {
      var item = item
      item.name = Self.cut(item.name, to: Self.longestName, bytes: Self.longestNameBytes)
      bytes += Self.bytes(of: item)
      guard bytes <= Self.mostBytes || items.isEmpty else { break }
      items.append(item)
    }
    self.items = items
    more = all.count - items.count
  }

  /// The names of the first few, on one line.
  var teaser: String? {
    guard !items.isEmpty else { return nil }
    let names = items.prefix(Self.teaserItems).map {
      $0.name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let isAll = more == 0 && items.count <= Self.teaserItems
    return Self.cut(
      names.joined(separator: ", ") + (isAll ? "" : " …"), to: Self.longestTeaser, bytes: Self.longestNameBytes)
  }

  /// `text`, or its beginning and an ellipsis.
  static func cut(_ text: String, to characters: Int, bytes: Int) -> String {
    guard text.utf8.count > min(characters, bytes) else { return text }
    var cut = String(text.prefix(characters))
    if cut.utf8.count == text.utf8.count && cut.utf8.count <= bytes { return text }
    while cut.utf8.count > bytes { cut.unicodeScalars.removeLast() }
    return cut + "…"
  }

  private static func bytes(of item: Cart.Item) -> Int {
    let pictureAndLink = escaped(item.imageURL) + escaped(item.url)
    return rowBytes + 2 * escaped(item.name) + pictureAndLink
  }

  /// Bytes of the text once it is escaped for HTML.
  private static func escaped(_ text: String?) -> Int {
    text?.utf8.reduce(0) { sum, byte in
      switch byte {
      case UInt8(ascii: "\""): sum + "&quot;".utf8.count
      case UInt8(ascii: "&"), UInt8(ascii: "'"): sum + "&amp;".utf8.count
      case UInt8(ascii: "<"), UInt8(ascii: ">"): sum + "&lt;".utf8.count
      default: sum + 1
      }
    } ?? 0
  }
}
