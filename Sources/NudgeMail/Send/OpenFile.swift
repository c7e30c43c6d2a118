import Glibc

/// A call to the system about a file that failed.
struct FileError: Error, Hashable, CustomStringConvertible {
  /// What was tried: `cannot write /var/…`.
  var attempt: String
  var code: Int32

  /// The call that just failed left its reason in `errno`.
  init(_ attempt: String) {
    code = errno
    self.attempt = attempt
  }

  var description: String { "\(attempt): \(String(cString: strerror(code)))" }
}

/// An open file or folder. Its calls block: keep them off the threads that tasks share.
struct OpenFile: ~Copyable {
  private let descriptor: Int32
  private let path: String

  /// - Parameters:
  ///   - flags: as open(2) has them; the file is never inherited by another program.
  ///   - mode: of a file that the call makes.
  init(_ path: String, flags: Int32, mode: mode_t = 0) throws(FileError) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, mode)
    if descriptor < 0 { throw FileError("cannot open \(path)") }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw FileError("cannot write \(path)") }
    }
  }

  /// All that is in the file, as far as it is not longer than `limit` bytes; else the first `limit` bytes and one more.
  func read(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1_024)
    while bytes.count <= limit {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { break }
      if count > 0 { bytes += chunk[..<count] } else if errno != EINTR { throw FileError("cannot read \(path)") }
    }
    return Array(bytes.prefix(limit + 1))
  }

  /// Returns when all that was written is on the disk.
  func synchronize() throws(FileError) {
    while fsync(descriptor) != 0 {
      if errno != EINTR { throw FileError("cannot bring \(path) to the disk") }
    }
  }
}
