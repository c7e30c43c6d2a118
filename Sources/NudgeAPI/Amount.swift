/// An amount of money: a decimal number, never negative, kept digit for digit.
enum Amount {
  private static let example = "must be a decimal number, like \"12.50\""

  static func complaint(about text: String) -> String? {
    text.bytes(satisfy: isPlain) ? nil : complaintInDetail(about: text)
  }

  /// True for what follows all rules, seen in one pass over its bytes.
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.count
    guard (1...Limits.amountDigits).contains(point), bytes[..<point].allSatisfy(isDigit),
      point == 1 || bytes[0] != UInt8(ascii: "0")
    else { return false }
    if point == bytes.count { return true }
    let decimals = bytes[(point + 1)...]
    return (1...Limits.amountDecimals).contains(decimals.count) && decimals.allSatisfy(isDigit)
  }

  static func complaintInDetail(about text: String) -> String? {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(isDigits) else { return shapeComplaint(about: text) }
    if parts[0].count > 1 && parts[0].first == UInt8(ascii: "0") { return "\(example), without leading zeros" }
    if parts[0].count > Limits.amountDigits {
      return "must have at most \(Limits.amountDigits) digits before the point, not \(parts[0].count)"
    }
    if parts.count == 2 && parts[1].count > Limits.amountDecimals {
      return "must have at most \(Limits.amountDecimals) digits after the point, not \(parts[1].count)"
    }
    return nil
  }

  private static func isDigits(_ part: Substring.UTF8View) -> Bool {
    !part.isEmpty && part.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Says which of the usual mistakes it was.
  private static func shapeComplaint(about text: String) -> String {
    if text.hasPrefix("-") { return "must not be negative" }
    if text.utf8.contains(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
      && text.utf8.contains(where: isDigit)
    {
      return "\(example), without an exponent"
    }
    if text.contains(",") { return "\(example), with a point for the decimals and nothing between thousands" }
    return example
  }
}
