/// A parser of text that others write, and what must be true of it whatever they write.
///
/// libFuzzer runs these with inputs of its own (`make fuzz`); the tests run them with the corpus and with every input that
/// once broke one.
enum FuzzTarget: String, CaseIterable, Sendable {
  case json
  case event
  case lines
  case duration
  case address
  case timestamp
  case query
  case template
  case ses
  case smtp
  case records

  /// - Throws: `Broken` if a property does not hold.
  func check(_ input: [UInt8]) throws(Broken) {
    switch self {
    case .json: try checkJSON(input)
    case .event: try checkEvent(input)
    case .lines: try checkLines(input)
    case .duration: try checkDuration(input)
    case .address: try checkAddress(input)
    case .timestamp: try checkTimestamp(input)
    case .query: try checkQuery(input)
    case .template: try checkTemplate(input)
    case .ses: try checkSES(input)
    case .smtp: try checkSMTP(input)
    case .records: try checkRecords(input)
    }
  }
}

/// What does not hold.
struct Broken: Error, CustomStringConvertible {
  var description: String
}

func require(_ condition: @autoclosure () -> Bool, _ property: @autoclosure () -> String) throws(Broken) {
  if !condition() { throw Broken(description: property()) }
}
