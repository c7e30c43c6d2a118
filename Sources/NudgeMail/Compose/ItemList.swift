/// A cart's items as lines of plain text, in columns: quantity, name, amount; the total below.
struct ItemList {
  /// Columns of a whole line.
  static let width = 64
  /// Columns that a name gets at least, however long the amounts are.
  private static let narrowestName = 24

  struct Line {
    var quantity: Int
    var name: String
    var amount: String
  }

  struct Total {
    var word: String
    var amount: String
  }

  private let lines: [Line]
  private let total: Total?
  private let amountWidth: Int
  private let quantityWidth: Int

  init(lines: [Line], total: Total?) {
    self.lines = lines
    self.total = total
    amountWidth = (lines.map(\.amount) + [total?.amount ?? ""]).map(TextWidth.of).max() ?? 0
    quantityWidth = lines.map { String($0.quantity).utf8.count }.max() ?? 1
  }

  var text: String {
    var text: [UInt8] = []
    for line in lines { write(line, to: &text) }
    if let total {
      if !lines.isEmpty { text += repeatElement(UInt8(ascii: "-"), count: Self.width) + [Self.lineFeed] }
      writeRow("", total.word, amount: total.amount, to: &text)
    }
    return String(decoding: text.dropLast(), as: UTF8.self)
  }

  private var leftWidth: Int {
    max(Self.width - amountWidth - 2, leadWidth + Self.narrowestName)
  }

  private func write(_ line: Line, to text: inout [UInt8]) {
    let quantity = String(line.quantity)
    let lead = Self.spaces(quantityWidth - quantity.utf8.count) + quantity + Self.times
    let names = TextWidth.wrapped(line.name, to: leftWidth - leadWidth)
    for (number, name) in names.enumerated() {
      writeRow(number == 0 ? lead : Self.spaces(leadWidth), name, amount: number == 0 ? line.amount : "", to: &text)
    }
  }

  /// What stands before a name, between the quantity and the name in its first line.
  private var leadWidth: Int { quantityWidth + Self.times.count }
  private static let times = " × "
  private static let lineFeed = UInt8(ascii: "\n")

  private static func spaces(_ count: Int) -> String {
    String(decoding: repeatElement(UInt8(ascii: " "), count: count), as: UTF8.self)
  }

  /// - Parameter lead: nothing, or `leadWidth` columns.
  private func writeRow(_ lead: String, _ name: String, amount: String, to text: inout [UInt8]) {
    let left = Self.mayJoin(name) ? TextWidth.of(lead + name) : (lead.isEmpty ? 0 : leadWidth) + TextWidth.of(name)
    let gap = amount.isEmpty ? 0 : 2 + amountWidth - TextWidth.of(amount)
    let row = lead + name + Self.spaces(max(0, leftWidth - left) + gap) + amount
    text += Self.withoutSpaceAtEnd(row).utf8
    text.append(Self.lineFeed)
  }

  private static func withoutSpaceAtEnd(_ row: String) -> Substring {
    var row = row[...]
    while row.utf8.last == UInt8(ascii: " "), row.last == " " { row.removeLast() }
    return row
  }

  /// True for what may begin with a mark, which takes no column of its own behind another letter.
  private static func mayJoin(_ text: String) -> Bool { text.utf8.first.map { $0 >= 0x80 } ?? false }
}
