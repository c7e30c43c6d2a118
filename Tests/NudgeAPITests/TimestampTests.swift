import NudgeAPI
import Testing

@Suite("Timestamp") struct TimestampTests {
  static let read: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-22T12:30:00.000Z", 1_795_350_600_000),
    ("2026-11-22T12:30:00Z", 1_795_350_600_000), ("2026-11-22t13:30:00+01:00", 1_795_350_600_000),
    ("2026-11-22T12:30:00.1239Z", 1_795_350_600_123), ("2026-11-22T12:30:00.5z", 1_795_350_600_500),
    ("2024-02-29T23:59:59.999Z", 1_709_251_199_999), ("2000-02-29T00:00:00Z", 951_782_400_000),
    ("1969-12-31T23:59:59.999Z", -1), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ("2026-11-22T00:15:00-12:45", 1_795_352_400_000),
  ]

  @Test("RFC 3339 is read", arguments: read)
  func reads(text: String, milliseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(
    "what is not RFC 3339, or no day, is not read",
    arguments: [
      "", "2026-11-22", "2026-11-22 12:00:00Z", "2026-11-22T12:00Z", "2026-11-22T12:00:00", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
      "2026-11-00T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T12:60:00Z", "2026-11-22T12:00:61Z",
      "2026-11-22T12:00:00.Z", "2026-11-22T12:00:00+1:00", "2026-11-22T12:00:00+0100", "2026-11-22T12:00:00+24:00",
      "2026-11-22T12:00:00Zx", " 2026-11-22T12:00:00Z", "26-11-22T12:00:00Z", "２026-11-22T12:00:00Z", "1795350600",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test("what is written is read again as the same, for days of 400 years")
  func roundTrips() {
    for day in stride(from: Int64(-90_000), to: 90_000, by: 7) {
      let time = Timestamp(milliseconds: day * 86_400_000 + 12_345_678)
      #expect(Timestamp(rfc3339: time.rfc3339) == time)
    }
    #expect(Timestamp(milliseconds: 1_795_350_600_000).rfc3339 == "2026-11-22T12:30:00.000Z")
    #expect(Timestamp(milliseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
  }
}
