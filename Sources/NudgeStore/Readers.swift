import Foundation
import GRDB
import NudgeDomain

/// A few connections that only read.
final class Readers: Sendable {
  let path: String
  private let pool: DatabasePool
  private let workplace: Workplace?

  init(path: String, workplace: Workplace? = nil) throws(StoreError) {
    self.path = path
    self.workplace = workplace
    pool = try Opening.readers(path: path)
  }

  func close() {
    try? pool.close()  // a reader that is still busy closes when it is done
  }

  /// Runs `query` on one state of the database.
  func read<T: Sendable>(_ query: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
    do {
      guard let workplace else { return try await pool.read(query) }
      return try await withCheckedThrowingContinuation { continuation in
        workplace.read { continuation.resume(with: Result { try self.pool.read(query) }) }
      }
    } catch {
      throw StoreError(error)
    }
  }

  /// The size of a file beside the database, without opening it: closing it would drop SQLite's locks.
  func bytes(ofFileNamed suffix: String) -> Int64 {
    var status = stat()
    return stat(path + suffix, &status) == 0 ? Int64(status.st_size) : 0
  }
}
