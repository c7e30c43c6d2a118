import Foundation
import Synchronization

/// A BCP 47 tag as the name of a folder, and which folders serve it. Tags are compared in lower case.
enum LocaleTag {
  /// The tags that serve `tag`, the best first: itself, then one subtag after the other left off. Where the script goes
  /// without saying but is not the language's usual one, it is tried as well: `zh-TW`, `zh-Hant-TW`, `zh-Hant`, `zh`.
  static func chain(_ tag: String) -> [String] {
    if let known = chains.withLock({ $0[tag] }) { return known }
    var chain: [String] = []
    for short in truncations(of: tag.lowercased()) {
      let scripted = unsaidScript(of: short).map(truncations) ?? []
      for candidate in [short] + scripted where !chain.contains(candidate) { chain.append(candidate) }
    }
    chains.withLock { chains in
      if chains.count >= chainsKept { chains.removeAll() }
      chains[tag] = chain
    }
    return chain
  }

  /// True for a name that is meant as one: a language of two or three letters, perhaps with more behind it.
  static func isTag(_ name: String) -> Bool {
    let subtags = name.split(separator: "-", omittingEmptySubsequences: false)
    guard let language = subtags.first, (2...3).contains(language.count) else { return false }
    return name.utf8.count <= longest && language.utf8.allSatisfy(isLetter)
      && subtags.dropFirst().allSatisfy { (1...8).contains($0.count) && $0.utf8.allSatisfy(isLetterOrDigit) }
  }

  static func isRightToLeft(_ tag: String) -> Bool {
    Locale.Language(identifier: tag).characterDirection == .rightToLeft
  }

  private static let longest = 64
  private static let chains = Mutex<[String: [String]]>([:])
  /// The same few tags come again and again.
  private static let chainsKept = 1_000

  /// RFC 4647, section 3.4: a subtag of one letter goes together with what it introduces.
  private static func truncations(of tag: String) -> [String] {
    guard isTag(tag) else { return [] }
    var subtags = tag.split(separator: "-")
    var tags: [String] = []
    while !subtags.isEmpty {
      tags.append(subtags.joined(separator: "-"))
      subtags.removeLast()
      if subtags.last?.count == 1 { subtags.removeLast() }
    }
    return tags
  }

  /// `tag` with the script that it implies; nil if it says one, or if the language alone implies it.
  private static func unsaidScript(of tag: String) -> String? {
    let subtags = tag.split(separator: "-")
    guard subtags.count == 2, subtags[1].count < 4 else { return nil }
    let script = Self.script(of: tag)
    guard let script, script != self.script(of: String(subtags[0])) else { return nil }
    return "\(subtags[0])-\(script)-\(subtags[1])"
  }

  private static func script(of tag: String) -> String? {
    let subtags = Locale.Language(identifier: tag).maximalIdentifier.lowercased().split(separator: "-")
    return subtags.dropFirst().first { $0.count == 4 }.map(String.init)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
