import NudgeDomain
import Testing

@testable import NudgeMail

@Suite("Amounts") struct ComposeAmountTests {
  @Test(
    "are written in the event's currency and the manner of the locale",
    arguments: [
      ("1234.5", "de-DE", "EUR", "1.234,50 €"),
      ("1234.5", "en-US", "USD", "$1,234.50"),
      ("1234.5", "en", "EUR", "€1,234.50"),
      ("1234.5", "fr-FR", "EUR", "1 234,50 €"),
      ("1200", "ja-JP", "JPY", "¥1,200"),
      ("1234.5", "en-IN", "INR", "₹1,234.50"),
      ("123456.5", "hi-IN", "INR", "₹1,23,456.50"),
      ("1.5", "en", "KWD", "KWD 1.500"),
      ("1234.5", "de-CH", "CHF", "CHF 1’234.50"),
      ("1234.5", "pt-BR", "BRL", "R$ 1.234,50"),
      ("-3.5", "en-US", "USD", "-$3.50"),
      ("1234.5", "ar-EG", "EGP", "‏١٬٢٣٤٫٥٠ ج.م.‏"),
    ])
  func currencies(amount: String, locale: String, currency: String, written: String) {
    #expect(spaced(AmountFormat(locale: locale, currency: currency).text(for: amount)) == written)
  }

  @Test(
    "are never rounded, and show no decimals that say nothing",
    arguments: [
      ("12.505", "EUR", "€12.505"),
      ("12.500", "EUR", "€12.50"),
      ("1200.00", "JPY", "¥1,200"),
      ("1200.50", "JPY", "¥1,200.50"),
      ("0.1", "KWD", "KWD 0.100"),
      ("12345678901234567890123456789012345.67", "EUR", "€12,345,678,901,234,567,890,123,456,789,012,345.67"),
      ("0.00000000000000000001", "USD", "$0.00000000000000000001"),
    ])
  func exact(amount: String, currency: String, written: String) {
    #expect(spaced(AmountFormat(locale: "en", currency: currency).text(for: amount)) == written)
  }

  @Test("are plain numbers without a currency, and keep the code of one that is unknown")
  func plain() {
    #expect(AmountFormat(locale: "de-DE", currency: nil).text(for: "1234.50") == "1.234,50")
    #expect(AmountFormat(locale: nil, currency: nil).text(for: "1234") == "1,234")
    #expect(spaced(AmountFormat(locale: nil, currency: "XYZ").text(for: "12.5")) == "XYZ 12.50")
    #expect(spaced(AmountFormat(locale: "de", currency: "points").text(for: "12.5")) == "12,5 points")
  }

  @Test(
    "are English in a locale that is missing or unknown", arguments: [nil, "", "xx", "xx-YY", "not a locale", "\0"])
  func unknownLocale(locale: String?) {
    #expect(AmountFormat(locale: locale, currency: "EUR").text(for: "1234.5") == "€1,234.50")
  }

  @Test(
    "stay as they came if they are no decimal numbers that can be held exactly",
    arguments: [
      "", "free", "1e5", "1.", ".5", "--1", "-", "1.2.3", "١", "+1", " 1", "123456789012345678901234567890123456789",
    ])
  func others(amount: String) {
    #expect(AmountFormat(locale: "en", currency: "EUR").text(for: amount) == amount)
  }

  @Test("are multiplied exactly, or not at all")
  func times() {
    let format = AmountFormat(locale: "en", currency: nil)
    #expect(Amount("12.50")?.times(2).map(format.text(for:)) == "25.00")
    #expect(Amount("0.333")?.times(3).map(format.text(for:)) == "0.999")
    #expect(Amount("99999999999999999999999999999999999.99")?.times(100) == nil)
  }

  /// ICU sets no-break spaces where the tables, to be readable, have spaces.
  private func spaced(_ text: String) -> String {
    text.replacing("\u{A0}", with: " ").replacing("\u{202F}", with: " ")
  }
}
