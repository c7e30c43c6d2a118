import NudgeAPI
import Yams

/// What of the configuration gets into mails as it stands there.
extension Value {
  /// An imprint is short: what is longer is no address.
  private static let imprintLines = 12
  private static let imprintLineCharacters = 200

  /// Null, a text whose line ends count, or a list of lines.
  static func imprint(_ node: Node) throws(Complaint) -> [String] {
    guard !node.isNull else { return [] }
    var lines: [String] = []
    if let sequence = node.sequence {
      for line in sequence { lines.append(try text(line)) }
    } else {
      guard let text = node.scalar?.string else { throw Complaint(message: "\(node.shown) is no text; \(advice)") }
      lines = text.split(separator: "\n").map(String.init)
    }
    lines = lines.filter { $0.contains { !$0.isWhitespace } }
    guard (1...imprintLines).contains(lines.count), lines.allSatisfy({ $0.count <= imprintLineCharacters }) else {
      let limits = "1 to \(imprintLines) lines of at most \(imprintLineCharacters) characters"
      throw Complaint(message: "is no imprint of \(limits); \(advice)")
    }
    guard !lines.joined().unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw Complaint(message: "contains a control character; write plain text")
    }
    return lines
  }

  static func locale(_ node: Node) throws(Complaint) -> String {
    let tag = try text(node)
    guard let complaint = LanguageTag.complaint(about: tag) else { return tag }
    throw Complaint(message: "\"\(tag)\" \(complaint)")
  }

  /// Names of DKIM keys: `SELECTOR._domainkey.DOMAIN`. Null is none.
  static func selectors(_ node: Node) throws(Complaint) -> [String] {
    guard !node.isNull else { return [] }
    guard let nodes = node.sequence, nodes.count <= mostSelectors else {
      throw Complaint(message: "\(node.shown) is no list of up to \(mostSelectors) names; write [mail, mail2026]")
    }
    var selectors: [String] = []
    for node in nodes {
      let name = try text(node)
      guard
        name.wholeMatch(of: /[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*/)
          != nil,
        name.count <= longestSelector
      else { throw Complaint(message: "\"\(name)\" is no name of a key; write what stands before ._domainkey") }
      selectors.append(name)
    }
    return selectors
  }

  private static let mostSelectors = 10
  private static let longestSelector = 63
  private static let advice = "write the lines in a list, or as a text after |"
}
