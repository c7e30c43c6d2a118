import Foundation
import GRDB

extension Store {
  /// Copies the database as it is now to a new file, through SQLite's backup API.
  ///
  /// - Throws: `failed` if there is a file at the path, or none can be made.
  package func backup(to path: String) async throws(StoreError) {
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, Opening.fileMode)
    guard descriptor >= 0 else { throw .failed("\(path): \(String(cString: strerror(errno)))") }
    Foundation.close(descriptor)
    do {
      try await readers.read { source in
        let copy = try DatabaseQueue(path: path)
        try copy.writeWithoutTransaction { try source.backup(to: $0) }
        try copy.close()
      }
    } catch {
      unlink(path)
      throw error
    }
  }
}
