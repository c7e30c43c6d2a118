import Glibc

// The file that AWS's own programs keep in ~/.aws/credentials:
//
//     [default]
//     aws_access_key_id = AKIA…
//     aws_secret_access_key = …
extension AWSCredentials {
  /// The section that is read. Others are skipped.
  private static let profile = "default"
  /// No credentials file is larger: bytes.
  private static let longestFile = 64 * 1_024

  /// Reads the section `[default]` of the text of a credentials file.
  ///
  /// - Parameter file: what errors call it.
  init(parsing text: String, file: String) throws(CredentialsError) {
    let values = try Self.values(in: text, file: file)
    func needed(_ name: String) throws(CredentialsError) -> String {
      if let value = values[name] { return value }
      throw CredentialsError(place: file, problem: "no \(name) in the section [\(Self.profile)]")
    }
    try self.init(
      accessKeyID: needed("aws_access_key_id"), secretAccessKey: needed("aws_secret_access_key"),
      sessionToken: values["aws_session_token"])
  }

  /// What the section `[default]` says of the three names.
  private static func values(in text: String, file: String) throws(CredentialsError) -> [String: String] {
    var values: [String: String] = [:]
    var section: String?
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let place = "\(file):\(index + 1)"
      switch try Entry(line, place: place) {
      case nil: continue
      case .section(let name): section = name
      case .value(let name, let value):
        guard let section else { throw CredentialsError(place: place, problem: "\(name) stands before any [section]") }
        guard section == profile, names.contains(name) else { continue }
        guard !value.isEmpty else { throw CredentialsError(place: place, problem: "\(name) is empty") }
        guard isPlain(value) else {
          throw CredentialsError(place: place, problem: "\(name) holds a character that no key has")
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw CredentialsError(place: place, problem: "\(name) is there a second time")
        }
      }
    }
    return values
  }

  private static let names: Set = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]

  /// The text of a file; nil if it is missing and may be.
  static func read(_ path: String, mayBeMissing: Bool) throws(CredentialsError) -> String? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try OpenFile(path, flags: O_RDONLY).read(limit: longestFile)
    } catch {
      if mayBeMissing, error.code == ENOENT { return nil }
      throw CredentialsError(place: path, problem: "\(error)")
    }
    guard bytes.count <= longestFile else {
      throw CredentialsError(place: path, problem: "is longer than \(longestFile) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CredentialsError(place: path, problem: "is not UTF-8 text")
    }
    return text
  }
}

/// One line of the file that says something.
private enum Entry {
  case section(String)
  case value(name: String, String)

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
      self = .value(
        name: line[..<equals].trimmed.lowercased(), String(line[line.index(after: equals)...].trimmed))
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
  }
}
