/// One step of the schema. Once landed it is never edited.
package struct Migration: Hashable, Sendable {
  /// The name of its file, without `.sql`.
  package var name: String
  package var sql: String

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    sql = String(decoding: bytes, as: UTF8.self)
  }
}

/// The schema, one file a migration. A database at version `n` has run the first `n` of them.
package enum Migrations {
  package static let all: [Migration] = [
    Migration("v001-checkouts", PackageResources.v001_checkouts_sql),
    Migration("v002-lanes", PackageResources.v002_lanes_sql),
    Migration("v003-operators", PackageResources.v003_operators_sql),
    Migration("v004-lighter", PackageResources.v004_lighter_sql),
  ]
}
