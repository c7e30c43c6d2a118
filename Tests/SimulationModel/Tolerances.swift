/// How exact the world of a run is, in milliseconds. The promises have no slack but this.
package struct Tolerances: Equatable, Sendable {
  /// In fair weather, how long after it is due a message may wait for its hand-over when nothing else is in its way.
  package var onTime: Int64 = 1_000
  /// How long, by true time, nudged may take to notice that the clock was set.
  package var noticing: Int64 = 0
  /// How long after the database was read the numbers of `status` and the metrics may have been taken.
  package var reading: Int64 = 0
  /// How much later than its claim a message may be handed over when the trace has no claims.
  package var claimToHandOver: Int64 = 60_000

  package init() {}
}
