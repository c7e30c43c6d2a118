import GRDBSQLite
import Migrations
import NudgeDomain

/// Brings a database to the version that this program knows.
enum Schema {
  static var version: Int { Migrations.all.count }

  /// Runs the migrations that the database has not seen, each in a transaction of its own. `user_version` counts them.
  static func migrate(
    _ connection: OpaquePointer, migrations: [Migration] = Migrations.all
  ) throws(StoreError) {
    let found = try Int(Statement(connection, "PRAGMA user_version").first { $0.integer(0) } ?? 0)
    guard found <= migrations.count else { throw .newerSchema(found: found, known: migrations.count) }
    for (index, migration) in migrations.enumerated().dropFirst(found) {
      try execute(connection, "BEGIN IMMEDIATE")
      do {
        try execute(connection, migration.sql)
        try execute(connection, "PRAGMA user_version = \(index + 1)")
        try execute(connection, "COMMIT")
      } catch {
        if sqlite3_get_autocommit(connection) == 0 { try execute(connection, "ROLLBACK") }
        throw .cannotOpen("migration \(migration.name): \(error)")
      }
    }
  }

  /// Runs any number of statements that answer nothing.
  static func execute(_ connection: OpaquePointer, _ sql: String) throws(StoreError) {
    let code = sqlite3_exec(connection, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw StoreError(code: code, connection: connection) }
  }
}
