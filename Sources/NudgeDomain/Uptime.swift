/// A point in the life of the machine since it booted: whole milliseconds, suspend included.
///
/// It never steps, whoever sets the wall clock: what measures how much time has passed is measured by it. It means
/// nothing to another boot, so it is never kept without saying which boot it belongs to.
package struct Uptime: Hashable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// The point `duration` after this one; before it, if negative. Stays in range instead of trapping, as `Moment` does.
  package func advanced(by duration: Duration) -> Uptime {
    Uptime(milliseconds: Moment(milliseconds: milliseconds).advanced(by: duration).milliseconds)
  }

  /// How long from `earlier` to this point; negative if `earlier` is the later one.
  package func since(_ earlier: Uptime) -> Duration {
    Moment(milliseconds: milliseconds).since(Moment(milliseconds: earlier.milliseconds))
  }
}

extension Uptime: Comparable {
  package static func < (left: Uptime, right: Uptime) -> Bool {
    left.milliseconds < right.milliseconds
  }
}
