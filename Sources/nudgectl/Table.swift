/// Rows of aligned columns.
struct Table {
  enum Alignment {
    case left, right
  }

  struct Column {
    var title: String
    var alignment: Alignment

    init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private var rows: [[Styled]] = []

  init(_ columns: [Column]) {
    self.columns = columns
  }

  mutating func add(_ row: [Styled]) {
    rows.append(row)
  }

  /// The header and the rows. Where they are wider than a terminal, the last column is cut.
  func lines(columns terminal: Int? = nil) -> [Styled] {
    let header: [Styled] = columns.map { "\($0.title, .dim)" }
    let widths = columns.indices.map { column in ([header] + rows).map { $0[column].width }.max() ?? 0 }
    let taken = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
    let room = terminal.map { max($0 - taken, Self.narrowest) } ?? .max
    return ([header] + rows).map { cells in
      line(cells.dropLast() + [cells[cells.count - 1].cut(to: room)], widths: widths)
    }
  }

  func show() {
    for line in lines(columns: Terminal.columns) { Output.line(line) }
  }

  private static let gap = "  "
  /// The last column is not cut to fewer columns of the terminal.
  private static let narrowest = 16

  private func line(_ cells: [Styled], widths: [Int]) -> Styled {
    var line: Styled = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[index] - cell.width)
      let gap = index == 0 ? "" : Self.gap
      switch columns[index].alignment {
      case .right: line = "\(line)\(gap)\(padding)\(cell)"
      case .left: line = "\(line)\(gap)\(cell)\(index == cells.count - 1 ? "" : padding)"
      }
    }
    return line
  }
}

/// Lines of a name and what it is, aligned.
struct Facts {
  private var facts: [(name: String, value: Styled)] = []

  mutating func add(_ name: String, _ value: Styled?) {
    guard let value else { return }
    facts.append((name, value))
  }

  func show() {
    let width = facts.map { DisplayWidth.of($0.name) }.max() ?? 0
    for fact in facts {
      let padding = String(repeating: " ", count: width - DisplayWidth.of(fact.name))
      Output.line("\(fact.name, .dim)\(padding)  \(fact.value)")
    }
  }
}
