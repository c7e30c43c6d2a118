/// The name that a shop gave to a checkout, an order or a customer.
enum Identifier {
  static func complaint(about text: String) -> String? {
    if text.isEmpty { return "must not be empty" }
    let count = text.utf8.count
    if count > Limits.identifierBytes { return "must be at most \(Limits.identifierBytes) bytes long, not \(count)" }
    return PlainText.controlComplaint(about: text)
  }
}

/// The name of a shop, as the configuration has it.
enum ShopName {
  static func complaint(about text: String) -> String? {
    let isGood = (1...Limits.shopBytes).contains(text.utf8.count) && text.hasOnly(isNameByte)
    return isGood ? nil : "must be 1 to \(Limits.shopBytes) letters, digits, dots, hyphens or underscores of ASCII"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
