import Foundation
import NudgeAPI

/// The query of a request: each parameter is known to the route, and is there once.
struct Query: Sendable {
  private var values: [String: String] = [:]

  init() {}

  /// - Parameter text: what follows the question mark.
  init(_ text: Substring, known: [String]) throws(Problem) {
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = pair[0].percentDecoded, let value = (pair.count == 2 ? pair[1] : "").percentDecoded else {
        throw Problem(.invalid, "a query parameter is not percent-encoded UTF-8")
      }
      guard known.contains(name) else {
        let list = known.isEmpty ? "it has none" : "it knows \(known.joined(separator: ", "))"
        throw Problem(.invalid, "this resource has no query parameter of that name; \(list)")
      }
      // Somebody's variable was empty: taking no notice would answer with everything.
      guard !value.isEmpty else { throw Self.problem(name, "is empty; leave it out") }
      guard values.updateValue(value, forKey: name) == nil else { throw Self.problem(name, "is there twice") }
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// The value as one of a closed list of words.
  func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _: Word.Type
  ) throws(Problem) -> Word? where Word.RawValue == String {
    try self[name].map { (text) throws(Problem) in try Self.word(name, text) }
  }

  /// Several words, separated by commas; none if the parameter is not there.
  func words<Word: RawRepresentable & CaseIterable>(
    _ name: String, _: Word.Type
  ) throws(Problem) -> [Word] where Word.RawValue == String {
    var words: [Word] = []
    for text in self[name]?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      words.append(try Self.word(name, String(text)))
    }
    return words
  }

  /// How many elements the page may have.
  func limit() throws(Problem) -> Int {
    guard let text = values["limit"] else { return Limits.standardPageSize }
    guard let limit = Int(text), (1...Limits.pageSize).contains(limit) else {
      throw Self.problem("limit", "must be a whole number from 1 to \(Limits.pageSize)")
    }
    return limit
  }

  /// Where the page before ended: what it gave as `next`.
  func after() throws(Problem) -> Int64? {
    guard let text = values["after"] else { return nil }
    guard let after = Int64(text), after >= 0 else {
      throw Self.problem("after", "must be the next of the page before")
    }
    return after
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ text: String
  ) throws(Problem) -> Word where Word.RawValue == String {
    if let word = Word(rawValue: text) { return word }
    let list = Word.allCases.map(\.rawValue).joined(separator: ", ")
    throw problem(name, "must be one of \(list)")
  }

  /// A value that will not do, named as those of a body are.
  private static func problem(_ name: String, _ detail: String) -> Problem {
    Problem(
      .invalid, "the query parameter \(name) \(detail)", errors: [.init(pointer: "/\(name)", detail: detail)])
  }
}

extension Substring {
  /// The text with `%40` and its like replaced; nil if that is not UTF-8. A plus stays one: addresses have them.
  var percentDecoded: String? {
    utf8.contains(UInt8(ascii: "%")) ? String(self).removingPercentEncoding : String(self)
  }
}
