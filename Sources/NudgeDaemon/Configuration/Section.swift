import Yams

/// What is wrong with a value; what would be right.
struct Complaint: Error {
  var message: String
}

/// Collects what is wrong with one file.
final class Findings {
  let file: String
  private(set) var issues: [ConfigurationError.Issue] = []

  init(file: String) {
    self.file = file
  }

  func add(_ message: String, line: Int?, key: String?) {
    issues.append(.init(file: file, line: line, key: key, message: message))
  }
}

/// One mapping of the file. Whatever is wrong in it is added to the findings, and the fallback taken.
struct Section {
  /// The keys that lead here, joined by dots; empty at the root.
  let path: String
  private let entries: [(key: Node, value: Node)]
  private let findings: Findings

  /// Nil stands for a section that the file does not have: then every value is its fallback.
  init(_ node: Node?, path: String, findings: Findings) {
    self.path = path
    self.findings = findings
    guard let node, !node.isNull else {
      entries = []
      return
    }
    guard let mapping = node.mapping else {
      let key = path.isEmpty ? nil : path
      findings.add("\(node.shown) is no section; write keys and values", line: node.mark?.line, key: key)
      entries = []
      return
    }
    entries = mapping.map { ($0.key, $0.value) }
  }

  /// The keys as they stand in the file.
  var keys: [String] { entries.compactMap { $0.key.scalar?.string } }

  /// Adds a finding for each key that is not among `known`.
  func allow(_ known: [String]) {
    for (key, _) in entries {
      let name = key.scalar?.string ?? ""
      guard !known.contains(name) else { continue }
      let advice = Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
      let message = "unknown key; \(advice ?? "known here: \(known.joined(separator: ", "))")"
      findings.add(message, line: key.mark?.line, key: full(name.isEmpty ? key.shown : name))
    }
  }

  func section(_ key: String) -> Section {
    Section(node(key), path: full(key), findings: findings)
  }

  /// The value of `key` as `read` takes it; the fallback if the key is missing or its value is wrong.
  func value<T>(_ key: String, or fallback: T, _ read: (Node) throws(Complaint) -> T) -> T {
    guard let node = node(key) else { return fallback }
    do throws(Complaint) {
      return try read(node)
    } catch {
      findings.add(error.message, line: node.mark?.line, key: full(key))
      return fallback
    }
  }

  func complain(_ key: String, _ message: String) {
    findings.add(message, line: node(key)?.mark?.line, key: full(key))
  }

  private func node(_ key: String) -> Node? {
    entries.first { $0.key.scalar?.string == key }?.value
  }

  private func full(_ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }
}

extension Node {
  /// The text of an unquoted scalar.
  var plain: String? {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return nil }
    return scalar.string
  }

  var isNull: Bool {
    plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false
  }

  /// As the reader of a complaint recognises it.
  var shown: String {
    if let scalar { return isNull ? "null" : "\"\(scalar.string)\"" }
    return sequence == nil ? "a section" : "a list"
  }
}
