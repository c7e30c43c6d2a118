/// What a letter says, as mail programs and their filters see it.
package enum LetterCheck {
  /// Where Gmail cuts a mail short, with some room for what servers add: bytes of HTML.
  package static let mostHTMLBytes = 100_000
  /// Letters and digits below which a text part says next to nothing.
  private static let fewestLetters = 40

  /// - Parameter link: where the mail leads; its text part should lead there, too.
  package static func findings(_ letter: Rendered, link: String?) -> [DeliverabilityFinding] {
    [insecureLinks(letter), activeContent(letter.html), size(letter.html), worth(of: letter, link: link)].compactMap(
      \.self)
  }

  private static func insecureLinks(_ letter: Rendered) -> DeliverabilityFinding? {
    let pattern = /(?:\b(?:href|src|background|action)\s*=\s*["']?|url\(\s*["']?)(http:\/\/[^\s"'<>)]*)/.ignoresCase()
    let found = letter.html.firstMatch(of: pattern)?.1 ?? letter.text.firstMatch(of: /http:\/\/[^\s"'<>)]*/)?.0
    return found.map { link in
      .init(.warning, "links", "\(shown(String(link))) is not https; browsers and filters warn of it")
    }
  }

  /// Mail programs take these out, and filters take offence.
  private static func activeContent(_ html: String) -> DeliverabilityFinding? {
    let found = html.firstMatch(of: /<(script|form|iframe|object|embed)\b/.ignoresCase())?.1.lowercased()
    return found.map {
      .init(.warning, "HTML", "<\($0)> is in it, which mail programs do not show and filters dislike")
    }
  }

  private static func size(_ html: String) -> DeliverabilityFinding? {
    let bytes = html.utf8.count
    guard bytes > mostHTMLBytes else { return nil }
    return .init(.warning, "size", "\(bytes) bytes of HTML; Gmail cuts at \(mostHTMLBytes), what follows stays unseen")
  }

  private static func worth(of letter: Rendered, link: String?) -> DeliverabilityFinding? {
    let text = letter.text
    if text.contains(/<\/?(a|p|br|div|table|td|span|html|body)\b[^>]*>/.ignoresCase()) {
      return .init(.warning, "text", "the text part has HTML in it")
    }
    if text.unicodeScalars.count(where: { $0.properties.isAlphabetic }) < fewestLetters {
      return .init(.warning, "text", "the text part says next to nothing; filters and some readers see only it")
    }
    if let link, letter.html.contains(link), !text.contains(link) {
      return .init(.warning, "text", "the link to the checkout is in the HTML, but not in the text part")
    }
    return nil
  }

  /// The part of a link that says whose it is; the rest may be a shopper's own.
  package static func shown(_ link: String) -> String {
    let parts = link.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count > 2 else { return String(link) }
    let host = parts[2].split(separator: "@").last.map(String.init) ?? ""
    return "\(parts[0])//\(host.prefix { $0 != "?" && $0 != "#" })/\(parts.count > 3 && !parts[3].isEmpty ? "…" : "")"
  }
}
