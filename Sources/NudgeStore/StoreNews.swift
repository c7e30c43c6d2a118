/// How the store's writing goes, for whoever tells people.
package enum StoreNews: Hashable, Sendable {
  /// A group could not be written, for a reason that passes: `full` or `busy`. Told for each such group.
  case hindered(StoreError)
  /// A group was written. Told for each one from the first hindrance on.
  case written
  /// The write-ahead log grows beyond its bound, because somebody reads the database and does not end.
  case logGrows(bytes: Int64)
  /// That is over.
  case logIsShort
}
