/// `POST /backup`: a copy of the database, made by the daemon while it works.
package struct BackupRequest: Hashable, Sendable {
  /// Absolute, as the daemon sees the file system; nothing may be there yet.
  package var path: String

  package init(path: String) {
    self.path = path
  }

  package init(_ json: JSON) throws(Problem) {
    var fields = Fields(json)
    path = fields.requiredText("path") { path in
      if !path.hasPrefix("/") { return "must be an absolute path, like \"/var/lib/nudged/backup.db\"" }
      if path.utf8.contains(0) { return "must not contain a NUL" }
      return path.utf8.count > Self.pathBytes ? "must be at most \(Self.pathBytes) bytes long" : nil
    }
    fields.refuseUnknown(["path"])
    try fields.check()
  }

  package var json: JSON { ["path": JSON(path)] }

  /// Linux takes no longer ones.
  private static let pathBytes = 4_095
}

package struct BackupReply: Hashable, Sendable {
  package var path: String
  package var bytes: Int
  /// What the copy holds is as it was then.
  package var copiedAt: Timestamp?
  /// The version of the copy's schema.
  package var schema: Int?
  /// How many rows each table of the copy has.
  package var rows: [String: Int]
  /// What was looked at before the copy got its name.
  package var checks: [String]

  package init(
    path: String, bytes: Int, copiedAt: Timestamp? = nil, schema: Int? = nil, rows: [String: Int] = [:],
    checks: [String] = []
  ) {
    self.path = path
    self.bytes = bytes
    self.copiedAt = copiedAt
    self.schema = schema
    self.rows = rows
    self.checks = checks
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to a backup")
    let rows = fields.optional("rows")?.members ?? []
    self.init(
      path: try fields.string("path"), bytes: try fields.integer("bytes"), copiedAt: fields.optionalTime("copied_at"),
      schema: fields.optionalInteger("schema"),
      rows: Dictionary(rows.map { ($0.name, Int($0.value.integer ?? 0)) }) { $1 },
      checks: fields.optional("checks")?.array?.compactMap(\.string) ?? [])
  }

  package var json: JSON {
    let counts = rows.sorted { $0.key < $1.key }.map { JSON.Member($0.key, JSON($0.value)) }
    return [
      "path": JSON(path), "bytes": JSON(bytes), "copied_at": JSON(copiedAt), "schema": JSON(schema),
      "rows": .object(counts), "checks": .array(checks.map(JSON.string)),
    ]
  }
}
