import ArgumentParser
import NudgeAPI

/// Where an event comes from: a file, standard input, or flags.
struct EventSource: ParsableArguments {
  @Argument(help: "A file with the event as JSON; - for standard input.", completion: .file(extensions: ["json"]))
  var file: String?

  func validate(isDescribed: Bool) throws {
    if file != nil && isDescribed { throw ValidationError("give a file or flags, not both") }
    if file == nil && !isDescribed {
      throw ValidationError("give a file with the event, - for standard input, or flags")
    }
  }
}

/// The flags that describe a checkout or an order.
struct EventFlags: ParsableArguments {
  @Option(help: "The shopper's e-mail address.") var email: String?
  @Option(help: "The shopper's name.") var name: String?
  @Option(help: ArgumentHelp("The shop's id of the shopper.", valueName: "id")) var customer: String?
  @Option(
    help: ArgumentHelp("An item; repeat it for more.", valueName: "name[:quantity[:price]]"),
    transform: ItemFlag.init(parsing:))
  var item: [ItemFlag] = []
  @Option(help: ArgumentHelp("What it costs in all, like 25.00.", valueName: "amount")) var total: String?
  @Option(help: ArgumentHelp("The currency by ISO 4217, like EUR.", valueName: "code")) var currency: String?
  @Option(help: "Where the shopper goes on.") var url: String?
  @Option(help: "The shop. (default: default)") var shop: String?

  var isUsed: Bool {
    !item.isEmpty || [email, name, customer, total, currency, url, shop].contains { $0 != nil }
  }

  /// The event: those members, and what the flags say.
  func json(_ members: [(String, String?)]) -> JSON {
    let said: [(String, String?)] =
      [("shop", shop)] + members + [
        ("email", email), ("name", name), ("customer_id", customer), ("url", url), ("total", total),
        ("currency", currency),
      ]
    var json = said.compactMap { name, value in value.map { JSON.Member(name, .string($0)) } }
    if !item.isEmpty { json.append(JSON.Member("items", .array(item.map(\.json)))) }
    return .object(json)
  }
}

/// `NAME[:QUANTITY[:PRICE]]`. The name may have colons: what follows the last ones counts only if it is a number.
struct ItemFlag {
  var name: String
  var quantity: String?
  var price: String?

  init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 2, Self.isWhole(parts[parts.count - 2]), Self.isAmount(parts[parts.count - 1]) {
      name = parts.dropLast(2).joined(separator: ":")
      (quantity, price) = (parts[parts.count - 2], parts[parts.count - 1])
    } else if parts.count > 1, Self.isWhole(parts[parts.count - 1]) {
      name = parts.dropLast().joined(separator: ":")
      quantity = parts[parts.count - 1]
    } else {
      name = text
    }
    if quantity == nil, let last = parts.dropFirst().last, Self.isAmount(last) {
      throw ValidationError(
        "'\(text)' has a price but no quantity: write NAME:QUANTITY:PRICE, like '\(parts[0]):1:\(last)'")
    }
    if name.isEmpty { throw ValidationError("'\(text)' has no name: write NAME:QUANTITY:PRICE, like 'Mug:2:12.50'") }
  }

  var json: JSON {
    var members = [JSON.Member("name", .string(name))]
    if let quantity { members.append(JSON.Member("quantity", .number(quantity))) }
    if let price { members.append(JSON.Member("price", .string(price))) }
    return .object(members)
  }

  private static func isWhole(_ text: String) -> Bool {
    text == "0" || (!text.isEmpty && !text.hasPrefix("0") && text.utf8.allSatisfy(isDigit))
  }

  private static func isAmount(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
