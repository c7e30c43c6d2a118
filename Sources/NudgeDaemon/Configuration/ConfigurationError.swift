/// Why a configuration cannot be used: all that is wrong with it, in the order of the file.
package struct ConfigurationError: Error, Hashable {
  package struct Issue: Hashable, Sendable {
    package var file: String
    /// From 1; nil if the trouble is not at a line.
    package var line: Int?
    /// The path of the key, joined by dots; nil if the trouble is not at a key.
    package var key: String?
    /// What is wrong; what would be right.
    package var message: String

    package init(file: String, line: Int? = nil, key: String? = nil, message: String) {
      self.file = file
      self.line = line
      self.key = key
      self.message = message
    }
  }

  package var issues: [Issue]

  package init(issues: [Issue]) {
    self.issues = issues
  }
}

extension ConfigurationError.Issue: CustomStringConvertible {
  /// `file:line: key.path: what is wrong; what would be right`
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return [place, key, message].compactMap { $0 }.joined(separator: ": ")
  }
}

extension ConfigurationError: CustomStringConvertible {
  package var description: String { issues.map(\.description).joined(separator: "\n") }
}
