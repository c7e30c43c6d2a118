import Foundation
import NudgeDomain
import Synchronization

/// How moments are written: in the event's time zone, in the manner of the shopper's locale.
struct DateFormat {
  private static let millisecondsPerSecond = 1_000.0

  private let styles: Styles

  /// English if `locale` is missing or unknown; UTC if `timeZone` is unknown.
  init(locale: String?, timeZone: String) {
    styles = Self.styles(Key(locale: locale, timeZone: timeZone))
  }

  /// The day, its month in letters: `22. November 2026`.
  func date(_ moment: Moment) -> String { Self.date(moment).formatted(styles.date) }

  /// For programs: `2026-11-22`.
  func isoDate(_ moment: Moment) -> String { Self.date(moment).formatted(styles.iso) }

  private static func date(_ moment: Moment) -> Date {
    Date(timeIntervalSince1970: Double(moment.milliseconds) / millisecondsPerSecond)
  }

  private struct Styles {
    var date: Date.FormatStyle
    var iso: Date.ISO8601FormatStyle
  }

  private struct Key: Hashable {
    var locale: String?
    var timeZone: String
  }

  private static let kept = Mutex<[Key: Styles]>([:])
  /// Of the few thousand pairs that there could be, shoppers of a shop have a few.
  private static let mostKept = 500

  private static func styles(_ key: Key) -> Styles {
    if let known = kept.withLock({ $0[key] }) { return known }
    let zone = TimeZone(identifier: key.timeZone) ?? .gmt
    let locale = AmountFormat.locale(for: key.locale)
    // The Gregorian calendar, whatever the locale's own: an order's date is compared with invoices.
    let calendar = Calendar(identifier: .gregorian)
    let styles = Styles(
      date: Date.FormatStyle(date: .long, time: .omitted, locale: locale, calendar: calendar, timeZone: zone),
      iso: Date.ISO8601FormatStyle(timeZone: zone).year().month().day())
    kept.withLock { kept in
      if kept.count >= mostKept { kept.removeAll() }
      kept[key] = styles
    }
    return styles
  }
}
