import GRDB
package import NudgeDomain

/// What a check of a database file found to be as it should.
package struct CopyReport: Hashable, Sendable {
  package var schema: Int
  /// The rows of each table.
  package var rows: [String: Int]
  /// When it was copied; nil if it is no copy, or somebody has taken it on since.
  package var copiedAt: Moment?

  /// What was looked at.
  package static let checks = ["integrity", "foreign_keys", "schema", "rows", "tallies"]
}

/// Whether a file that nobody works on is a whole database of nudged.
package enum CopyCheck {
  /// Looks at a file without changing it.
  package static func look(at path: String) throws(StoreError) -> CopyReport {
    var configuration = Configuration()
    configuration.label = "nudged.check"
    configuration.readonly = true
    do {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      return try database.read { try examine($0) }
    } catch {
      throw CopyFile.whyNot(error)
    }
  }

  /// Marks a fresh copy as one, makes it a single file that is readable where nothing can be written, and checks it.
  static func finish(_ path: String, copiedAt: Moment, rows expected: [String: Int]) throws(StoreError) -> CopyReport {
    do {
      let copy = try DatabaseQueue(path: path)
      let report = try copy.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA journal_mode = DELETE")
        let rows = try rows(of: database)
        guard rows == expected else { throw StoreError.failed("the copy has \(rows) rows instead of \(expected)") }
        try mark(database, copiedAt: copiedAt)
        return try examine(database)
      }
      try copy.close()
      return report
    } catch {
      throw CopyFile.whyNot(error)
    }
  }

  /// A copy has a name of its own, because both may number their next messages alike. One that was copied from a copy
  /// that nobody has taken on yet stays as old as that.
  private static func mark(_ database: Database, copiedAt: Moment) throws {
    try database.execute(
      sql: """
        BEGIN IMMEDIATE;
        INSERT OR IGNORE INTO meta (name, value) VALUES ('\(MetaTable.copiedAt)', ?);
        UPDATE meta SET value = lower(hex(randomblob(8))) WHERE name = 'instance';
        COMMIT;
        """, arguments: ["\(copiedAt.milliseconds)"])
  }

  static func rows(of database: Database) throws -> [String: Int] {
    let tables = try String.fetchAll(
      database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return try Dictionary(
      uniqueKeysWithValues: tables.filter { $0 != "meta" }.map { table in
        (table, try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)") ?? 0)
      })
  }

  private static func examine(_ database: Database) throws -> CopyReport {
    let schema = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard schema <= Schema.version else { throw StoreError.newerSchema(found: schema, known: Schema.version) }
    guard schema > 0, try database.tableExists("meta") else { throw StoreError.failed("it is no database of nudged") }
    let integrity = try String.fetchAll(database, sql: "PRAGMA integrity_check")
    guard integrity == ["ok"] else { throw StoreError.failed("its integrity: \(integrity.joined(separator: "; "))") }
    if let row = try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") {
      throw StoreError.failed("a row of \(row["table"] as String? ?? "a table") refers to none")
    }
    let wrong = try String.fetchAll(database, sql: wrongTallies)
    guard wrong.isEmpty else { throw StoreError.failed("its counts are wrong: \(wrong.joined(separator: ", "))") }
    let copiedAt = try String.fetchOne(
      database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [MetaTable.copiedAt])
    return CopyReport(
      schema: schema, rows: try rows(of: database),
      copiedAt: copiedAt.flatMap(Int64.init).map(Moment.init(milliseconds:)))
  }

  /// The names of the counts that are not what counting gives.
  private static let wrongTallies = """
    WITH counted (name, value) AS (
      SELECT 'checkouts_' || state, count(*) FROM checkout GROUP BY state
      UNION ALL SELECT 'messages_' || state, count(*) FROM message GROUP BY state
      UNION ALL SELECT 'reasons_' || reason, count(*) FROM message GROUP BY reason
      UNION ALL SELECT 'outcomes_' || outcome, count(*) FROM attempt WHERE outcome IS NOT NULL GROUP BY outcome),
    tallied AS (SELECT name, value FROM tally WHERE value <> 0 AND name NOT LIKE 'events\\_%' ESCAPE '\\')
    SELECT name FROM (SELECT * FROM counted EXCEPT SELECT * FROM tallied)
    UNION SELECT name FROM (SELECT * FROM tallied EXCEPT SELECT * FROM counted)
    """
}
