/// Durations as people write them: `500ms`, `30s`, `30m`, `1d12h`.
package enum DurationText {
  /// The units, longest first, in milliseconds.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]

  /// Ten years: longer is a slip of the keyboard, and shorter keeps every sum in range.
  package static let longest = Duration.seconds(10 * 365 * 86_400)

  /// Nil unless `text` is one or more of number and unit, from the longest unit to the shortest, each at most once, and
  /// at most `longest` in all.
  package static func parse(_ text: String) -> Duration? {
    var rest = Substring(text)
    var sum: Int64 = 0
    var allowed = units[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = Int64(digits), let index = allowed.firstIndex(where: { $0.name == name }) else { return nil }
      let (product, isTooLong) = number.multipliedReportingOverflow(by: allowed[index].milliseconds)
      guard !isTooLong, product <= longest.wholeMilliseconds else { return nil }
      sum += product
      allowed = allowed[(index + 1)...]
    }
    guard !text.isEmpty, sum <= longest.wholeMilliseconds else { return nil }
    return .milliseconds(sum)
  }

  /// The shortest text that `parse` reads as `duration`.
  package static func text(of duration: Duration) -> String {
    var rest = duration.wholeMilliseconds
    var text = ""
    for unit in units where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text.isEmpty ? "0s" : text
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int64 {
    components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
  }
}
