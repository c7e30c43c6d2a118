import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("Money and dates, as another implementation of CLDR writes them") struct ComposeLocaleOracleTests {
  private struct Case: Encodable {
    var kind: String
    var locale: String
    var what: String
    var value: String
    var written: String
  }

  private static let locales = [
    "en", "en-US", "en-GB", "en-IN", "de", "de-AT", "de-CH", "fr", "fr-CA", "fr-CH", "es", "es-MX", "es-AR", "it",
    "it-CH",
    "nl", "nl-BE", "pt-BR", "pt-PT", "pl", "cs", "sv", "da", "nb", "fi", "hu", "ro", "bg", "el", "ru", "uk", "tr", "ja",
    "ko", "zh-Hans", "zh-Hant-TW", "hi-IN", "he", "ar-EG", "ar-AE", "fa", "th", "vi", "id",
  ]
  private static let currencies = [
    "EUR", "USD", "GBP", "JPY", "KWD", "CHF", "INR", "BHD", "CLF", "ISK", "HUF", "TND", "XAF", "UYW", "MRU", "CLP",
    "BRL",
    "SEK", "PLN", "CNY",
  ]
  private static let amounts = [
    "0", "1", "-1", "0.5", "-0.05", "1234.5", "1234567.89", "999999999999.99", "12.505", "0.001", "100.000",
    "-1234567.891",
  ]
  private static let moments: [(zone: String, seconds: Int64)] = [
    ("Europe/Berlin", 1_795_350_600), ("America/Los_Angeles", 1_772_000_000), ("Asia/Tokyo", 951_782_400),
    ("Pacific/Kiritimati", 1_782_000_000),
  ]

  @Test("are the same in 44 locales, 20 currencies with 0 to 4 decimals, and 12 amounts")
  func agreement() async throws {
    var cases: [Case] = []
    for locale in Self.locales {
      for currency in Self.currencies {
        let format = AmountFormat.of(locale: locale, currency: currency)
        cases += Self.amounts.map {
          Case(kind: "money", locale: locale, what: currency, value: $0, written: format.text(for: $0))
        }
      }
      cases += Self.moments.map { zone, seconds in
        let format = DateFormat(locale: locale, timeZone: zone)
        let moment = Moment(milliseconds: seconds * 1_000)
        return Case(kind: "date", locale: locale, what: zone, value: "\(seconds)", written: format.date(moment))
      }
    }
    try await Self.expectNoDifference(cases)
  }

  /// The currencies in use, with the decimals that CLDR says people write.
  @Test("have the decimals of every currency")
  func decimals() async throws {
    let codes = Locale.Currency.isoCurrencies.map { $0.identifier.uppercased() }
    #expect(codes.count > 100)
    let cases = codes.map { code in
      Case(
        kind: "money", locale: "en", what: code, value: "1234567",
        written: AmountFormat.of(locale: "en", currency: code).text(for: "1234567"))
    }
    try await Self.expectNoDifference(cases)
  }

  private static func expectNoDifference(_ cases: [Case]) async throws {
    let lines = try cases.map { try JSONEncoder().encode($0) + Data([UInt8(ascii: "\n")]) }
    let result = try await Program.run(
      Repository.python, [Repository.oracle("locale_texts").path], input: lines.reduce(into: Data()) { $0 += $1 })
    #expect(result.status == 0, "\(result.text.prefix(8_000))\(result.errorText)")
    #expect(result.text.hasPrefix("\(cases.count) texts checked") && result.text.hasSuffix(", 0 differences\n"))
  }
}
