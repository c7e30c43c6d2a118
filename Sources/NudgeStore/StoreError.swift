package import NudgeDomain

/// Why the store did not do what it was asked. Nothing of the verb was written, except after `unavailable`.
package enum StoreError: Error, Hashable, Sendable {
  /// There is no such message.
  case notFound
  /// The verb is not for a message in that state; the reason says why it is in it, or why it would be.
  case wrongState(Message.State, Reason)
  /// The disk is full. The same verb works again when there is room.
  case full
  /// Reading or writing the file failed, or whether a commit is on disk is unknown. The store takes no more verbs: the
  /// process must end, and the next one learns from the disk what is there.
  case unavailable(String)
  /// The database was written by a newer version of this program.
  case newerSchema(found: Int, known: Int)
  /// There is no usable database at the path.
  case cannotOpen(String)
  /// This verb alone failed.
  case failed(String)
}
