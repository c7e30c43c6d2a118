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

  package init(path: String, bytes: Int) {
    self.path = path
    self.bytes = bytes
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to a backup")
    self.init(path: try fields.string("path"), bytes: try fields.integer("bytes"))
  }

  package var json: JSON { ["path": JSON(path), "bytes": JSON(bytes)] }
}
