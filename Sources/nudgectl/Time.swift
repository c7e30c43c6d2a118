import Foundation
import NudgeAPI

/// Times as people read them.
enum Time {
  /// Read once: one answer is told from one moment.
  static let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))

  /// "2026-11-22 12:30:00 UTC (in 29 min)".
  static func both(_ time: Timestamp, now: Timestamp = now) -> Styled {
    "\(absolute(time)) \("(\(relative(time, now: now)))", .dim)"
  }

  /// "2026-11-22 12:30:00 UTC".
  static func absolute(_ time: Timestamp) -> String {
    let text = time.rfc3339
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
  }

  /// "in 29 min", "2 d 3 h ago", "now".
  static func relative(_ time: Timestamp, now: Timestamp = now) -> String {
    let seconds = Int64((Double(time.milliseconds - now.milliseconds) / 1_000).rounded())
    if seconds == 0 { return "now" }
    let length = length(seconds: abs(seconds))
    return seconds > 0 ? "in \(length)" : "\(length) ago"
  }

  /// The two largest units that count: "45 s", "29 min", "2 h 5 min", "3 d 4 h", "40 d".
  static func length(seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3_600: "\(seconds / 60) min"
    case ..<86_400: pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min")
    case ..<(14 * 86_400): pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    default: "\(seconds / 86_400) d"
    }
  }

  private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
  }
}
