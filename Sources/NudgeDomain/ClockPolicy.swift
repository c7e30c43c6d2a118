/// How far a wall clock is believed that people and time servers set.
package struct ClockPolicy: Hashable, Sendable {
  /// A clock that jumps ahead by more than this while the machine runs is doubted.
  package var jumpLimit: Duration
  /// A machine that was off for longer than this is taken for one whose clock is wrong. It is longer than the limit of a
  /// jump because nobody can know how long a machine was off: a reboot must not stop the mail.
  package var longestOutage: Duration
  /// For how long a time server has to vouch for a doubted clock until it is believed; nil if only a person may say so.
  package var agreement: Duration?

  package init(
    jumpLimit: Duration = .seconds(600), longestOutage: Duration = .seconds(7 * 86_400),
    agreement: Duration? = .seconds(600)
  ) {
    self.jumpLimit = jumpLimit
    self.longestOutage = longestOutage
    self.agreement = agreement
  }

  package static let standard = ClockPolicy()
}
