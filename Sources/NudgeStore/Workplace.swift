/// Where a store does its work, if somebody else than its connections decides that: whoever tells each step when it is
/// its turn has every run in the same order.
///
/// Each closure is given one piece of work, and runs it once, on any one thread at a time; nobody waits for it meanwhile.
package struct Workplace: Sendable {
  package typealias Work = @Sendable () -> Void

  /// Runs what is queued for the writer; the next piece comes when this one has run.
  package var write: @Sendable (@escaping Work) -> Void
  /// Runs a query.
  package var read: @Sendable (@escaping Work) -> Void

  package init(
    write: @escaping @Sendable (@escaping Work) -> Void, read: @escaping @Sendable (@escaping Work) -> Void
  ) {
    self.write = write
    self.read = read
  }
}
