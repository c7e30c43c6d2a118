import Foundation
import Synchronization

/// A decimal amount, exact, with the number of decimals it was written with.
struct Amount: Equatable {
  /// Significant digits that `Decimal` holds exactly.
  static let mostDigits = 38
  private static let plain = Locale(identifier: "en_US_POSIX")

  let value: Decimal
  let decimals: Int

  /// Nil unless `text` is digits, perhaps with a sign and a fraction, and few enough to be held exactly.
  init?(_ text: String) {
    let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber = (1...2).contains(parts.count) && text.prefix(2) != "--"
    guard isNumber, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
      return nil
    }
    guard parts.reduce(0, { $0 + $1.count }) <= Self.mostDigits else { return nil }
    guard let value = Decimal(string: text, locale: Self.plain) else { return nil }
    self.value = value
    decimals = parts.count == 2 ? parts[1].count : 0
  }

  private init(value: Decimal, decimals: Int) {
    self.value = value
    self.decimals = decimals
  }

  /// This amount `quantity` times; nil if that cannot be held exactly.
  func times(_ quantity: Int) -> Amount? {
    let digits = String(quantity).count + value.significand.description.count
    guard digits <= Self.mostDigits else { return nil }
    return Amount(value: value * Decimal(quantity), decimals: decimals)
  }
}

/// How amounts are written: in the event's currency, in the manner of the shopper's locale. Nothing is ever rounded.
struct AmountFormat {
  fileprivate struct Key: Hashable {
    var locale: String?
    var currency: String?
  }

  private static let written = WrittenAmounts()
  private static let kept = Mutex<[Key: AmountFormat]>([:])
  /// A shop's shoppers have a few dozen pairs of locale and currency.
  private static let mostKept = 500

  private static let languages = Set(
    Locale.availableIdentifiers.compactMap { Locale(identifier: $0).language.languageCode?.identifier })
  private static let currencyCodeLength = 3

  private let key: Key
  private let locale: Locale
  private var currency: String? { key.currency }
  /// The decimals that the currency is written with.
  private let usualDecimals: Int

  /// The format for them; it is made once.
  static func of(locale: String?, currency: String?) -> AmountFormat {
    let key = Key(locale: locale, currency: currency)
    if let known = kept.withLock({ $0[key] }) { return known }
    let format = AmountFormat(locale: locale, currency: currency)
    kept.withLock { kept in
      if kept.count >= mostKept { kept.removeAll() }
      kept[key] = format
    }
    return format
  }

  /// English if `locale` is missing or unknown; plain numbers if `currency` is missing.
  init(locale: String?, currency: String?) {
    key = Key(locale: locale, currency: currency)
    self.locale = Self.locale(for: locale)
    usualDecimals = currency.map(Self.decimals(of:)) ?? 0
  }

  /// `text` itself if it is no decimal number.
  func text(for amount: String) -> String {
    let key = WrittenAmounts.Key(amount: amount, quantity: nil, format: key)
    return Self.written.text(key) { Amount(amount).map(text(for:)) } ?? amount
  }

  /// The amount `quantity` times; nil if it is no decimal number, or if that cannot be held exactly.
  func text(for amount: String, times quantity: Int) -> String? {
    let key = WrittenAmounts.Key(amount: amount, quantity: quantity, format: key)
    return Self.written.text(key) { Amount(amount)?.times(quantity).map(text(for:)) }
  }

  func text(for amount: Amount) -> String {
    guard let currency else { return number(amount) }
    guard Self.isCode(currency) else { return "\(number(amount))\u{A0}\(currency)" }
    let style = Decimal.FormatStyle.Currency(code: currency, locale: locale)
    return amount.value.formatted(style.precision(.fractionLength(decimals(for: amount))))
  }

  /// As many as usual, unless the amount has more that say something.
  private func decimals(for amount: Amount) -> Int {
    amount.value.decimals > usualDecimals ? max(amount.decimals, usualDecimals) : usualDecimals
  }

  private func number(_ amount: Amount) -> String {
    amount.value.formatted(Decimal.FormatStyle(locale: locale).precision(.fractionLength(amount.decimals)))
  }

  /// The tag's, or English.
  static func locale(for tag: String?) -> Locale {
    let locale = Locale(identifier: tag ?? "en")
    let isKnown = locale.language.languageCode.map { languages.contains($0.identifier) } ?? false
    return isKnown ? locale : Locale(identifier: "en")
  }

  /// The decimals of a zero in that currency.
  private static func decimals(of currency: String) -> Int {
    guard isCode(currency) else { return 0 }
    let style = Decimal.FormatStyle.Currency(code: currency, locale: Locale(identifier: "en"))
    return Decimal.zero.formatted(style).split(separator: ".").dropFirst().first?.count ?? 0
  }

  private static func isCode(_ text: String) -> Bool {
    text.utf8.count == currencyCodeLength && text.utf8.allSatisfy { (0x41...0x5A).contains($0) }
  }
}

/// Amounts as they were written before: prices come again and again, and writing one takes as long as a page of HTML.
private final class WrittenAmounts: Sendable {
  struct Key: Hashable {
    var amount: String
    var quantity: Int?
    var format: AmountFormat.Key
  }

  /// Under a megabyte.
  private static let most = 4_096
  private let texts = Mutex<[Key: String?]>([:])

  func text(_ key: Key, or write: () -> String?) -> String? {
    if let known = texts.withLock({ $0[key] }) { return known }
    let text = write()
    texts.withLock { texts in
      if texts.count >= Self.most { texts.removeAll() }
      texts[key] = .some(text)
    }
    return text
  }
}

extension Decimal {
  /// The decimals that it takes to write this number exactly.
  fileprivate var decimals: Int {
    description.split(separator: ".").dropFirst().first?.count ?? 0
  }
}
