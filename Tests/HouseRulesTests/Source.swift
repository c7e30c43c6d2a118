import Foundation
import TestKit

/// One source file of the repository, as the house rules read it.
struct Source {
  /// Relative to the repository: `Sources/NudgeDomain/Moment.swift`.
  let path: String
  let lines: [String]

  /// The lines without comments and string literals' contents, so that a rule about code does not trip over prose.
  let code: [String]

  /// The Swift files under a folder of the repository, in order.
  static func all(under folder: String) throws -> [Source] {
    let base = Repository.root.appending(path: folder)
    let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
      return Source(path: "\(folder)/\(path)", text: text)
    }
  }

  init(path: String, text: String) {
    self.path = path
    lines = text.components(separatedBy: "\n")
    code = Self.stripped(lines)
  }

  /// The numbers of the lines whose code a pattern is found in. A hint spares most lines the search: a line without any
  /// of these words cannot match.
  func lines(matching rule: Rule) -> [Int] {
    code.indices.filter { index in
      rule.hints.contains { code[index].contains($0) } && code[index].firstMatch(of: rule.pattern) != nil
    }
  }

  /// The modules it imports, without access level or attributes.
  var imports: [String] {
    code.filter { $0.contains("import ") }.compactMap { line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
      guard
        words[..<index].allSatisfy({ ["package", "internal", "private", "public"].contains($0) || $0.first == "@" })
      else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "typealias", "var", "let"]
      let name = kinds.contains(words[index + 1]) ? words[index + 2] : words[index + 1]
      return String(name.prefix { $0 != "." })
    }
  }

  /// Functions and initialisers with more lines than `limit`, as `name: lines`.
  func longFunctions(over limit: Int) -> [String] {
    var found: [String] = []
    for (start, line) in code.enumerated() {
      guard line.contains("func ") || line.contains("init") else { continue }
      guard let name = line.firstMatch(of: /\b(func\s+[^\s(<]+|init[?]?\s*[(<]|deinit)/)?.output.0 else { continue }
      guard let end = Self.end(of: start, in: code), end - start + 1 > limit else { continue }
      found.append("\(path):\(start + 1) \(name): \(end - start + 1) lines")
    }
    return found
  }

  /// The line on which the braces opened from `start` on are closed again; nil for a declaration without a body.
  private static func end(of start: Int, in code: [String]) -> Int? {
    var depth = 0
    var hasOpened = false
    for index in start..<code.count {
      for character in code[index] {
        if character == "{" { depth += 1; hasOpened = true }
        if character == "}" { depth -= 1 }
        if hasOpened && depth == 0 { return index }
        if depth < 0 { return nil }
      }
      if !hasOpened && index > start && code[index].contains(/\b(func|var|let|init|case)\b/) { return nil }
    }
    return nil
  }

  private static func stripped(_ lines: [String]) -> [String] {
    var isInText = false
    return lines.map { line in
      let delimiters = line.contains("\"\"\"") ? line.components(separatedBy: "\"\"\"").count - 1 : 0
      if delimiters == 1 { isInText.toggle() }
      return isInText || delimiters == 1 ? "" : stripped(line)
    }
  }

  /// The line up to its comment, with nothing between its quotes.
  private static func stripped(_ line: String) -> String {
    var code: [UInt8] = []
    var isInString = false
    var isEscaped = false
    for byte in line.utf8 {
      if isEscaped {
        isEscaped = false
      } else if isInString && byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString.toggle()
        code.append(byte)
      } else if !isInString {
        if byte == UInt8(ascii: "/") && code.last == byte { return String(decoding: code.dropLast(), as: UTF8.self) }
        code.append(byte)
      }
    }
    return String(decoding: code, as: UTF8.self)
  }
}

/// Something that code must not contain.
struct Rule {
  let hints: [String]
  let pattern: Regex<AnyRegexOutput>
  let instead: String

  /// - Parameter hints: words of which a match contains at least one.
  init(_ pattern: String, hints: [String], instead: String) throws {
    self.pattern = try Regex(pattern)
    self.hints = hints
    self.instead = instead
  }

  /// What is wrong in the sources, a line each.
  func violations(in sources: [Source]) -> [String] {
    sources.flatMap { source in
      source.lines(matching: self).map { "\(source.path):\($0 + 1): \(source.lines[$0]) – \(instead)" }
    }
  }
}
