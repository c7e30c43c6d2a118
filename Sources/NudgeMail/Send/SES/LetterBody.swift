import Synchronization

/// The body of a request that carries a letter, and how far it has gone.
///
/// A letter can be taken back until `begin`. As long as its last byte has not left, the server surely lacks it, and cannot
/// have taken the letter.
final class LetterBody: Sendable {
  /// The letter was taken back before any of it left.
  struct Withdrawn: Error {}

  private enum Progress {
    /// Nothing has left. Next: `begun`, `withdrawn`.
    case waiting
    /// The first byte may have left. Next: `whole`.
    case begun
    /// The last byte has left.
    case whole
    /// No byte has left, and none will.
    case withdrawn
  }

  let bytes: [UInt8]
  private let mayLeave: @Sendable () -> Bool
  private let progress = Mutex(Progress.waiting)

  /// - Parameter mayLeave: is asked once, when the connection stands and before the first byte is written.
  init(_ bytes: [UInt8], mayLeave: @escaping @Sendable () -> Bool) {
    self.bytes = bytes
    self.mayLeave = mayLeave
  }

  /// True if the letter may leave. Is called once, by whoever is about to write.
  func begin() -> Bool {
    let begins = mayLeave()
    progress.withLock { $0 = begins ? .begun : .withdrawn }
    return begins
  }

  /// All of it is in the hands of the system.
  func end() { progress.withLock { $0 = .whole } }

  /// The connection stood, and the first byte may have left.
  var isBegun: Bool { progress.withLock { $0 == .begun || $0 == .whole } }
  /// The last byte may have left.
  var isWhole: Bool { progress.withLock { $0 == .whole } }
  var isWithdrawn: Bool { progress.withLock { $0 == .withdrawn } }
}
