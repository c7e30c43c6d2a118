/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// Every time in nudged is one of these. Whoever needs "now" is given it: no code below the programs reads a clock.
package struct Moment: Hashable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// The moment `duration` after this one; before it, if negative. Stays in range instead of trapping, because a
  /// duration may come from a configuration file.
  package func advanced(by duration: Duration) -> Moment {
    let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
    guard overflow else { return Moment(milliseconds: sum) }
    return Moment(milliseconds: duration.milliseconds < 0 ? .min : .max)
  }

  /// How long from `earlier` to this moment; negative if `earlier` is the later one.
  package func since(_ earlier: Moment) -> Duration {
    let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
    guard overflow else { return .milliseconds(difference) }
    return .milliseconds(milliseconds < earlier.milliseconds ? Int64.min : Int64.max)
  }
}

extension Moment: Comparable {
  package static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

extension Duration {
  /// Whole milliseconds, rounded towards zero, held to the range of `Int64`.
  package var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    guard !carried else { return seconds < 0 ? .min : .max }
    return sum
  }
}
