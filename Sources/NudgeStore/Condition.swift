import GRDB
import NudgeDomain

/// The WHERE of a list, put together from those conditions that were asked for.
struct Condition {
  private var terms: [String] = []
  private(set) var arguments = StatementArguments()

  var sql: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }

  mutating func add(_ term: String, _ values: (any DatabaseValueConvertible)?...) {
    terms.append(term)
    arguments += StatementArguments(values)
  }

  mutating func addIfGiven(_ term: String, _ value: (any DatabaseValueConvertible)?) {
    if let value { add(term, value) }
  }

  mutating func addAny(of values: [String], in column: String) {
    guard !values.isEmpty else { return }
    terms.append("\(column) IN (\(databaseQuestionMarks(count: values.count)))")
    arguments += StatementArguments(values)
  }
}

/// E-mail addresses as they are compared, in SQL.
extension DatabaseFunction {
  static let emailKey = DatabaseFunction("email_key", argumentCount: 1, pure: true) { values in
    String.fromDatabaseValue(values[0]).map(Shopper.emailKey(of:))
  }
}

extension Page {
  /// A page of `limit` elements out of one more than that, if there are so many.
  init(_ elements: [Element], limit: Int, id: (Element) -> Int64) {
    let shown = Array(elements.prefix(limit))
    self.init(elements: shown, next: elements.count > limit ? shown.last.map(id) : nil)
  }
}
