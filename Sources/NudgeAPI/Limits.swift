/// What the control API takes at most.
package enum Limits {
  /// Of one event, as JSON text.
  package static let eventBytes = 1 << 20
  /// Elements of a list in one reply.
  package static let pageSize = 1_000
  /// Elements of a list whose request does not say.
  package static let standardPageSize = 100

  /// Wrong values that one problem names; the others are counted.
  package static let errors = 100

  package static let identifierBytes = 255
  package static let shopBytes = 64
  package static let emailBytes = 254
  package static let nameCharacters = 200
  package static let itemNameCharacters = 500
  package static let urlBytes = 2_048
  package static let items = 500
  /// Of one item.
  package static let quantity = 1_000_000
  /// Before the decimal point of an amount.
  package static let amountDigits = 12
  /// After it.
  package static let amountDecimals = 6
  package static let localeBytes = 64
  package static let timeZoneBytes = 64
  /// How far ahead of the daemon's clock an event's time may lie.
  package static let timeAhead = Duration.seconds(300)
}
