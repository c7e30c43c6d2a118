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
    quantityWidth = lines.map { String($0.quantity).count }.max() ?? 1
  }

  var text: String {
    var rows = lines.flatMap(rows(for:))
    if let total {
      if !lines.isEmpty { rows.append(String(repeating: "-", count: Self.width)) }
      rows.append(row(TextWidth.padded(total.word, to: leftWidth), amount: total.amount))
    }
    return rows.joined(separator: "\n")
  }

  private var leftWidth: Int {
    max(Self.width - amountWidth - 2, quantityWidth + 3 + Self.narrowestName)
  }

  private func rows(for line: Line) -> [String] {
    let quantity = String(line.quantity)
    let lead = String(repeating: " ", count: quantityWidth - quantity.count) + "\(quantity) × "
    let indent = String(repeating: " ", count: TextWidth.of(lead))
    let names = TextWidth.wrapped(line.name, to: leftWidth - TextWidth.of(lead))
    return names.enumerated().map { number, name in
      let left = (number == 0 ? lead : indent) + name
      return row(TextWidth.padded(left, to: leftWidth), amount: number == 0 ? line.amount : "")
    }
  }

  private func row(_ left: String, amount: String) -> String {
    let gap = String(repeating: " ", count: 2 + amountWidth - TextWidth.of(amount))
    var row = amount.isEmpty ? left : left + gap + amount
    while row.last == " " { row.removeLast() }
    return row
  }
}
