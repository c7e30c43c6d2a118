import Foundation

/// What the built-in templates say in one language: partials whose names begin with `say-`.
///
/// The file has a sentence a line, `NAME: TEXT`; an indented line goes on with the one before it. A text is Mustache. In
/// HTML it is escaped, and the values in it keep their own direction of writing.
struct Words {
  /// What the partials' names begin with.
  static let prefix = "say-"
  /// The names of pictures stand in an attribute, where no element may be.
  private static let attributes: Set = ["picture"]

  let sources: [TemplateLanguage: [String: TemplateSource]]

  init(file: String, text: String) throws(TemplateError) {
    var sources: [TemplateLanguage: [String: TemplateSource]] = [:]
    for (name, sentence) in Self.sentences(in: text) {
      let html = Self.html(sentence, isAttribute: Self.attributes.contains(name))
      sources[.text, default: [:]][Self.prefix + name] = try TemplateSource(
        file: "\(file):\(name)", text: sentence + "\n", language: .text)
      sources[.html, default: [:]][Self.prefix + name] = try TemplateSource(
        file: "\(file):\(name)", text: html, language: .html)
    }
    self.sources = sources
  }

  private static func sentences(in text: String) -> [(name: String, text: String)] {
    var sentences: [(name: String, text: String)] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("  "), !sentences.isEmpty {
        sentences[sentences.count - 1].text += " " + line.drop { $0 == " " }
      } else if let colon = line.firstRange(of: ": ") {
        sentences.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
      }
    }
    return sentences
  }

  private static func html(_ sentence: String, isAttribute: Bool) -> String {
    let escaped = sentence.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    guard !isAttribute else { return escaped }
    return escaped.replacing(/{{([a-z_]+)}}/) { "<span dir=\"auto\">\($0.output.0)</span>" }
  }
}
