/// The variables of a mail, by the names that templates call them.
enum MailVariable: String, CaseIterable, Sendable {
  case shop
  case shopName = "shop_name"
  case checkoutID = "checkout_id"
  case orderID = "order_id"
  case email
  case date
  case isoDate = "date_iso"
  case imprint
  case imprintLines = "imprint_lines"
  case kind
  case step
  case isLast = "is_last"

  case name
  case locale
  case timeZone = "time_zone"
  case url
  case shownURL = "shown_url"
  case currency
  case totalAmount = "total_amount"
  case total
  case shownTotal = "shown_total"
  case isLongTotal = "is_long_total"
  /// Whatever else the shop sent.
  case metadata

  case firstItem = "first_item"
  case teaser
  case itemCount = "item_count"
  case isOneItem = "is_one_item"
  case items
  case shownItems = "shown_items"
  case moreCount = "more_count"
  case isOneMore = "is_one_more"

  // Of an item, which has a name and an address besides.
  case imageURL = "image_url"
  case priceAmount = "price_amount"
  case price
  case lineTotal = "line_total"
  case quantity
  case isSeveral = "is_several"
  case position
  case isFirst = "is_first"
  case isLastItem = "is_last_item"
  case isLong = "is_long"

  // Known once it is clear which template serves.
  case subject
  case language
  case direction
  case isRightToLeft = "is_rtl"
  case itemList = "item_list"
  case shownItemList = "shown_item_list"

  /// Its number in the order above. A case without a value is that number in memory, and the raw value would have to be
  /// looked up.
  var place: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// What variables stand for. Each has its place: a template is filled in without its names being compared, and a mail asks
/// for two hundred of them.
struct MailFields: Sendable {
  private var nodes = [TemplateNode?](repeating: nil, count: MailVariable.allCases.count)

  /// Nil for what the event does not carry.
  subscript(variable: MailVariable) -> TemplateNode? {
    get { nodes[variable.place] }
    set { nodes[variable.place] = newValue }
  }
}
