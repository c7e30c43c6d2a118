import Foundation
import GRDB

/// The file of a copy: unfinished under another name, so that half a copy never has the name of a whole one.
struct CopyFile {
  let path: String
  var unfinished: String { path + Self.suffix }

  private static let suffix = ".part"

  init(path: String) {
    self.path = path
  }

  /// Makes the unfinished file for its owner and group only. What a copy that was broken off has left there is removed:
  /// one is made at a time.
  func begin() throws(StoreError) {
    var status = stat()
    guard lstat(path, &status) != 0 else { throw .failed("\(path): \(String(cString: strerror(EEXIST)))") }
    abandon()
    let descriptor = open(unfinished, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, Opening.fileMode)
    guard descriptor >= 0 else { throw Self.problem(path) }
    close(descriptor)
  }

  /// Has the disk take the file, gives it its name and has the disk take that: else it gets no name. Returns its size.
  func publish() throws(StoreError) -> Int64 {
    try Self.sync(unfinished)
    try giveName()
    do throws(StoreError) {
      try Self.sync(URL(filePath: path).deletingLastPathComponent().path)
    } catch {
      unlink(path)
      throw error
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.problem(path) }
    return Int64(status.st_size)
  }

  /// Removes what is unfinished.
  func abandon() {
    for file in ["", "-journal", "-wal", "-shm"] { unlink(unfinished + file) }
  }

  /// A link does not replace a file that has come meanwhile, which a renaming would. Some file systems know no links.
  private func giveName() throws(StoreError) {
    if link(unfinished, path) == 0 {
      unlink(unfinished)
    } else if [EPERM, ENOTSUP, ENOSYS].contains(errno) {
      guard access(path, F_OK) != 0, rename(unfinished, path) == 0 else { throw Self.problem(path) }
    } else {
      throw Self.problem(path)
    }
  }

  private static func sync(_ path: String) throws(StoreError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw problem(path) }
  }

  private static func problem(_ path: String) -> StoreError {
    let code = errno
    return code == ENOSPC || code == EDQUOT ? .full : .failed("\(path): \(String(cString: strerror(code)))")
  }

  /// What went wrong with the copy: the database that is copied has not failed by that.
  static func whyNot(_ error: any Error) -> StoreError {
    switch StoreError(error) {
    case .full: .full
    case .failed(let why), .unavailable(let why), .cannotOpen(let why): .failed(why)
    case let other: .failed("\(other)")
    }
  }
}
