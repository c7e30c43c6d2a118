/// `name=value; name=value`, as DKIM (RFC 6376, section 3.2) and DMARC write it.
struct TagList: Hashable, Sendable {
  struct Tag: Hashable, Sendable {
    var name: String
    var value: String
  }

  let tags: [Tag]

  /// Nil if the text is no such list, or a name is there twice.
  init?(_ text: String) {
    var tags: [Tag] = []
    var parts = text.split(separator: ";", omittingEmptySubsequences: false)
    if let last = parts.last, last.allSatisfy(\.isWhitespace) { parts.removeLast() }
    for part in parts {
      guard let equals = part.firstIndex(of: "=") else { return nil }
      let name = Self.trimmed(part[..<equals])
      guard let first = name.utf8.first, SPFDomain.isLetter(first), name.utf8.allSatisfy(SPFDomain.isNameText),
        !tags.contains(where: { $0.name == name })
      else { return nil }
      tags.append(Tag(name: name, value: Self.trimmed(part[part.index(after: equals)...])))
    }
    guard !tags.isEmpty else { return nil }
    self.tags = tags
  }

  subscript(name: String) -> String? { tags.first { $0.name == name }?.value }

  private static func trimmed(_ text: Substring) -> String {
    let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex
    return String(text[..<end].drop(while: \.isWhitespace))
  }
}
