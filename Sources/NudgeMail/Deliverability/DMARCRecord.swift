/// What a domain wants to happen to mail that only seems to come from it (RFC 7489 and its successor).
package struct DMARCRecord: Hashable, Sendable {
  package enum Policy: String, CaseIterable, Sendable {
    case none, quarantine, reject
  }

  package var policy: Policy
  /// For the domains below; nil if it is the same.
  package var subdomainPolicy: Policy?
  /// The signing domain must be the very domain of the From address.
  package var isStrictDKIM: Bool
  /// The domain of the envelope must be the very domain of the From address.
  package var isStrictSPF: Bool
  package var hasReports: Bool

  /// True if the text of a TXT record is meant as DMARC.
  package static func isDMARC(_ text: String) -> Bool {
    let first = text.prefix { $0 != ";" }.split(separator: "=", omittingEmptySubsequences: false)
    guard first.count == 2, first[0].filter({ !$0.isWhitespace }) == "v" else { return false }
    return first[1].filter { !$0.isWhitespace } == "DMARC1"
  }

  package init(parsing text: String) throws(DMARCError) {
    guard Self.isDMARC(text), let tags = TagList(text) else { throw .syntax }
    hasReports = tags["rua"] != nil
    if let said = try Self.word(tags, "p", Policy.self) {
      policy = said
    } else {
      guard hasReports else { throw .noPolicy }
      policy = .none  // a record that asks for reports alone is one with p=none
    }
    subdomainPolicy = try Self.word(tags, "sp", Policy.self)
    _ = try Self.word(tags, "np", Policy.self)
    isStrictDKIM = try Self.word(tags, "adkim", Alignment.self) == .strict
    isStrictSPF = try Self.word(tags, "aspf", Alignment.self) == .strict
    try Self.checkPercentage(tags["pct"])
    for name in ["rua", "ruf"] { try Self.checkAddresses(tags[name], name) }
  }

  private enum Alignment: String, CaseIterable {
    case relaxed = "r"
    case strict = "s"
  }

  private static func word<T: RawRepresentable<String>>(
    _ tags: TagList, _ name: String, _ type: T.Type
  ) throws(DMARCError) -> T? {
    guard let value = tags[name] else { return nil }
    guard let word = T(rawValue: value.lowercased()) else { throw .value(name, value) }
    return word
  }

  private static func checkPercentage(_ value: String?) throws(DMARCError) {
    guard let value else { return }
    guard let number = Int(value), (0...100).contains(number) else { throw .value("pct", value) }
  }

  private static func checkAddresses(_ value: String?, _ name: String) throws(DMARCError) {
    guard let value else { return }
    for address in value.split(separator: ",", omittingEmptySubsequences: false) {
      let address = address.filter { !$0.isWhitespace }.lowercased()
      let isMail = address.hasPrefix("mailto:") && address.contains("@")
      guard isMail || address.hasPrefix("https://") else { throw .value(name, value) }
    }
  }
}

/// Why a record is none.
package enum DMARCError: Error, Hashable, Sendable {
  case syntax
  case noPolicy
  case value(String, String)
}

extension DMARCError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .syntax: "it is no list of name=value; parts that begins with v=DMARC1"
    case .noPolicy: "it has no p="
    case .value(let name, let value): "\(name)=\(value) cannot be understood"
    }
  }
}
