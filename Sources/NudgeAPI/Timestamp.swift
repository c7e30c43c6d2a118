/// A point in time on the wire: whole milliseconds since 1970-01-01T00:00:00Z, written by RFC 3339.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  package func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(milliseconds: milliseconds + seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
  }
}

// MARK: - Reading

extension Timestamp {
  /// Reads "2026-11-22T12:30:00Z", with any number of decimals (more than three are cut off) and any offset. Nil if the
  /// text is not RFC 3339, or if there is no such day or time.
  package init?(rfc3339 text: String) {
    var text = text
    guard let timestamp = text.withUTF8({ Timestamp(rfc3339: Digits($0)) }) else { return nil }
    self = timestamp
  }

  private init?(rfc3339 digits: Digits) {
    var digits = digits
    guard let year = digits.number(4), digits.take("-"), let month = digits.number(2), digits.take("-"),
      let day = digits.number(2), digits.take("T") || digits.take("t"),
      let hour = digits.number(2), digits.take(":"), let minute = digits.number(2), digits.take(":"),
      let second = digits.number(2), let fraction = digits.milliseconds(), let offset = digits.offsetMinutes(),
      digits.isAtEnd
    else { return nil }
    // RFC 3339 knows leap seconds; the count of milliseconds does not, so that one is the first of the next minute.
    guard (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    let minutes = (Self.days(toYear: year, month: month, day: day) * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: Int64((minutes * 60 + second) * 1_000 + fraction))
    // An offset can lead out of the years that RFC 3339 has.
    guard (Self.first...Self.last).contains(milliseconds) else { return nil }
  }

  private static let first = Int64(days(toYear: 0, month: 1, day: 1)) * 86_400_000
  private static let last = Int64(days(toYear: 10_000, month: 1, day: 1)) * 86_400_000 - 1

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 to a day of the Gregorian calendar, with years that begin in March so that the leap day is the last.
  private static func days(toYear year: Int, month: Int, day: Int) -> Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

/// Takes the parts of a timestamp from its bytes.
private struct Digits {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  mutating func number(_ count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private mutating func digit() -> Int? {
    guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else { return nil }
    defer { position += 1 }
    return Int(bytes[position] - UInt8(ascii: "0"))
  }

  /// The decimals of a second, as milliseconds; 0 if there are none, nil if there is a point without any.
  mutating func milliseconds() -> Int? {
    guard take(".") else { return 0 }
    guard var value = digit() else { return nil }
    var count = 1
    while let digit = digit() {
      if count < 3 { value = value * 10 + digit }
      count += 1
    }
    for _ in min(count, 3)..<3 { value *= 10 }
    return value
  }

  mutating func offsetMinutes() -> Int? {
    if take("Z") || take("z") { return 0 }
    let sign: Int
    if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
    guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }
}

// MARK: - Writing

extension Timestamp {
  /// "2026-11-22T12:30:00.000Z".
  package var rfc3339: String {
    var writer = TextWriter()
    writer.write(self)
    return writer.text
  }

  private static func date(onDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  /// The day, and the milliseconds since its midnight.
  fileprivate var dayAndTime: (date: (year: Int, month: Int, day: Int), time: Int) {
    let day = milliseconds.floored(by: 86_400_000)
    return (Self.date(onDay: Int(day)), Int(milliseconds - day * 86_400_000))
  }
}

extension TextWriter {
  /// By RFC 3339, as `Timestamp.rfc3339` has it.
  package mutating func write(_ timestamp: Timestamp) {
    let (date, time) = timestamp.dayAndTime
    write(date.year, digits: 4)
    write(UInt8(ascii: "-"))
    write(date.month, digits: 2)
    write(UInt8(ascii: "-"))
    write(date.day, digits: 2)
    write(UInt8(ascii: "T"))
    write(time / 3_600_000, digits: 2)
    write(UInt8(ascii: ":"))
    write(time / 60_000 % 60, digits: 2)
    write(UInt8(ascii: ":"))
    write(time / 1_000 % 60, digits: 2)
    write(UInt8(ascii: "."))
    write(time % 1_000, digits: 3)
    write(UInt8(ascii: "Z"))
  }
}

extension Int64 {
  fileprivate func floored(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}
