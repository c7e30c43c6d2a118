import Foundation

/// The folder with the database, locked for this process as long as the value lives.
struct StateDirectory: ~Copyable {
  /// Others may not even look.
  static let permissions: mode_t = 0o750
  private static let lockPermissions: mode_t = 0o640

  private let descriptor: Int32

  /// Makes the folder if it is missing.
  ///
  /// - Throws: `StartFailure`, also if another nudged works there.
  init(_ places: Places) throws(StartFailure) {
    try Self.make(places.state)
    descriptor = try Self.lock(places)
  }

  deinit {
    close(descriptor)
  }

  private static func lock(_ places: Places) throws(StartFailure) -> Int32 {
    let descriptor = open(places.lock, O_RDWR | O_CREAT | O_CLOEXEC, lockPermissions)
    guard descriptor >= 0 else { throw .state(places.state, "cannot be written to: \(reason)") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return descriptor }
    let failure: StartFailure =
      errno == EWOULDBLOCK ? .taken(places.state) : .state(places.state, "cannot be locked: \(reason)")
    close(descriptor)
    throw failure
  }

  private static func make(_ path: String) throws(StartFailure) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: Int(permissions)])
    } catch {
      throw .state(path, "cannot be made: \(error.localizedDescription)")
    }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
