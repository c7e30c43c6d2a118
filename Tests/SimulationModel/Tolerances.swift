/// How exact the world of a run is, in milliseconds. The promises have no slack but this.
package struct Tolerances: Equatable, Sendable {
  /// In fair weather, how long a message may wait for its hand-over when nothing is in its way.
  package var onTime: Int64 = 1_000
  /// How long the mail server takes to answer in fair weather.
  package var answer: Int64 = 500
  /// How long a letter is on its way from nudged's hands to where the mail server sees that it comes.
  package var leaving: Int64 = 0
  /// How long after foul weather nudged may still feel it: the longest probe of a hold is 15 minutes, and a slowed rate
  /// takes minutes to be whole again. The longest wait of a deferred message comes on top by itself: it is its due time.
  package var recovery: Int64 = 20 * 60_000
  /// How long, by true time, nudged may take to notice that the clock was set.
  package var noticing: Int64 = 0
  /// The least share of the nominal wait that jitter leaves, in per cent.
  package var jitter: Int64 = 50
  /// How far a row's time may lie from the clock at the moment of its commit: a time is read once, before.
  package var reading: Int64 = 60_000
  /// How long orders are remembered that had no effect (README: 30 days).
  package var orderMemory: Int64 = 30 * 86_400_000

  package init() {}
}
