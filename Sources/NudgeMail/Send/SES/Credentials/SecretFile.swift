import Glibc

/// A file that holds a secret: a few lines of text.
struct SecretFile: Hashable, Sendable {
  /// No such file is larger: bytes.
  private static let longest = 64 * 1_024

  let path: String

  /// What tells one content of a file from the next.
  struct Stamp: Hashable {
    var device: dev_t
    var inode: ino_t
    var size: off_t
    var modified: timespec

    static func == (one: Stamp, other: Stamp) -> Bool {
      one.device == other.device && one.inode == other.inode && one.size == other.size
        && one.modified.tv_sec == other.modified.tv_sec && one.modified.tv_nsec == other.modified.tv_nsec
    }

    func hash(into hasher: inout Hasher) { hasher.combine(inode) }
  }

  /// Nil if there is no such file, or it does not let itself be looked at.
  var stamp: Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(device: status.st_dev, inode: status.st_ino, size: status.st_size, modified: status.st_mtim)
  }

  /// The text of the file. Blocks.
  func read() throws(CredentialsError) -> String {
    if let text = try readIfThere() { return text }
    throw CredentialsError(place: path, problem: "cannot open \(path): \(String(cString: strerror(ENOENT)))")
  }

  /// The text of the file; nil if there is none. Blocks.
  func readIfThere() throws(CredentialsError) -> String? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try OpenFile(path, flags: O_RDONLY).read(limit: Self.longest)
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      throw CredentialsError(place: path, problem: "\(error)")
    }
    guard bytes.count <= Self.longest else {
      throw CredentialsError(place: path, problem: "is longer than \(Self.longest) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CredentialsError(place: path, problem: "is not UTF-8 text")
    }
    return text
  }

  /// The one word that the file holds: a token. Blocks.
  func readToken() throws(CredentialsError) -> String {
    let words = try read().split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let word = words.first.map(String.init), AWSCredentials.isPlain(word) else {
      throw CredentialsError(place: path, problem: words.isEmpty ? "is empty" : "holds more than one token")
    }
    return word
  }
}
