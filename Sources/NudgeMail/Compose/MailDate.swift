import NudgeDomain

/// The date of a mail as RFC 5322 writes it, in UTC: `Sun, 22 Nov 2026 12:30:00 +0000`.
enum MailDate {
  /// The years that RFC 5322 can write.
  static let years = 1900...9999
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let secondsADay = 86_400

  /// Nil outside of `years`.
  static func text(for moment: Moment) -> String? {
    let seconds = Int(moment.milliseconds.floored(by: 1_000))
    let days = seconds.floored(by: secondsADay)
    let time = seconds - days * secondsADay
    let (year, month, day) = civil(days: days)
    guard years.contains(year) else { return nil }
    let weekday = weekdays[(days + 4).remainder(by: 7)]
    let clock = [time / 3_600, time / 60 % 60, time % 60].map(twoDigits).joined(separator: ":")
    return "\(weekday), \(twoDigits(day)) \(months[month - 1]) \(year) \(clock) +0000"
  }

  /// The proleptic Gregorian date of a day counted from 1970-01-01, by eras of 400 years that begin with March.
  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted.floored(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}

extension BinaryInteger {
  /// The quotient, rounded down.
  fileprivate func floored(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The remainder that is never negative.
  fileprivate func remainder(by divisor: Self) -> Self {
    self - floored(by: divisor) * divisor
  }
}
