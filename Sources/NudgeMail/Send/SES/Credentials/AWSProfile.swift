import Glibc

/// One profile of a file that AWS's own programs keep in ~/.aws:
///
///     [default]
///     aws_access_key_id = AKIA…
///     aws_secret_access_key = …
struct AWSProfile {
  /// How a file writes the name of a profile.
  enum Style {
    /// `[NAME]`, as in ~/.aws/credentials.
    case credentials
    /// `[profile NAME]`, but `[default]`, as in ~/.aws/config.
    case configuration
  }

  static let standardName = "default"

  let file: String
  let name: String
  /// The profiles that the file has, in its order.
  private(set) var known: [String] = []
  /// True if this one is among them.
  var exists: Bool { known.contains(name) }

  private var values: [String: String] = [:]

  /// - Parameters:
  ///   - text: the file's.
  ///   - file: what errors call it.
  /// - Throws: what is wrong in the file or in this profile; the values of other profiles are not looked at.
  init(_ name: String, in text: String, of file: String, style: Style = .credentials) throws(CredentialsError) {
    self.file = file
    self.name = name
    var (hasBegun, section): (Bool, String?) = (false, nil)
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let place = "\(file):\(index + 1)"
      switch try AWSProfileLine(line, place: place) {
      case nil: continue
      case .section(let written):
        hasBegun = true
        section = Self.profile(written, style)
        if let section, !known.contains(section) { known.append(section) }
      case .value(let key, let value):
        guard hasBegun || !Self.keys.contains(key) else {
          throw CredentialsError(place: place, problem: "\(key) stands before any [section]")
        }
        if section == name { try take(key, value, place: place) }
      }
    }
  }

  /// The keys that the profile holds; nil if it holds none.
  func credentials() throws(CredentialsError) -> AWSCredentials? {
    guard Self.keys.contains(where: { values[$0] != nil }) else { return nil }
    func needed(_ key: String) throws(CredentialsError) -> String {
      if let value = values[key] { return value }
      throw CredentialsError(place: file, problem: "no \(key) in the section [\(name)]")
    }
    return try AWSCredentials(
      accessKeyID: needed("aws_access_key_id"), secretAccessKey: needed("aws_secret_access_key"),
      sessionToken: values["aws_session_token"])
  }

  /// The setting by which the profile asks for keys in a way that is not served; nil if it has none.
  var foreignSetting: String? {
    ["credential_process", "sso_session", "sso_start_url", "source_profile", "credential_source", "role_arn"]
      .first { values[$0] != nil }
  }

  private static let keys: Set = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]

  /// Nil for a section that is no profile.
  private static func profile(_ section: String, _ style: Style) -> String? {
    guard style == .configuration, section != standardName else { return section }
    let prefix = "profile "
    return section.hasPrefix(prefix) ? String(section.dropFirst(prefix.count).drop { $0.isWhitespace }) : nil
  }

  private mutating func take(_ key: String, _ value: String, place: String) throws(CredentialsError) {
    if Self.keys.contains(key) {
      guard !value.isEmpty else { throw CredentialsError(place: place, problem: "\(key) is empty") }
      guard AWSCredentials.isPlain(value) else {
        throw CredentialsError(place: place, problem: "\(key) holds a character that no key has")
      }
    }
    guard values.updateValue(value, forKey: key) == nil || !Self.keys.contains(key) else {
      throw CredentialsError(place: place, problem: "\(key) is there a second time")
    }
  }
}

/// One line of such a file that says something.
private enum AWSProfileLine {
  case section(String)
  case value(key: String, String)

  /// Nil for a blank line, a comment, and an indented line, which belongs to the setting above it.
  init?(_ line: Substring, place: String) throws(CredentialsError) {
    guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { return nil }
    let line = line.trimmed
    if line.hasPrefix("[") {
      guard line.hasSuffix("]") else { throw CredentialsError(place: place, problem: "the section's name has no end") }
      self = .section(String(line.dropFirst().dropLast().trimmed))
    } else {
      guard let equals = line.firstIndex(of: "=") else {
        throw CredentialsError(place: place, problem: "is neither [section] nor name = value")
      }
      self = .value(key: line[..<equals].trimmed.lowercased(), String(line[line.index(after: equals)...].trimmed))
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
  }
}
