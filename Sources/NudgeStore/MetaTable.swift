/// What there is one of in a database.
struct MetaTable {
  /// The name of the row that only a copy has which nobody has taken on yet: when it was made.
  static let copiedAt = "copied_at"
  /// True while nothing is to be claimed: a person has paused sending, or the database is such a copy.
  static let isPaused = """
    SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'paused' AND value = 'true')
      OR EXISTS (SELECT 1 FROM meta WHERE name = '\(copiedAt)')
    """

  /// A random name of this database.
  let instance: String
  private let pause: Statement
  private let write: Statement
  private let replacement: Statement
  private let deletion: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    pause = try Statement(connection, Self.isPaused)
    write = try Statement(connection, "UPDATE meta SET value = ?2 WHERE name = ?1")
    replacement = try Statement(connection, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")
    deletion = try Statement(connection, "DELETE FROM meta WHERE name = ?")
    let read = try Statement(connection, "SELECT value FROM meta WHERE name = ?")
    instance = try read.first(.text("instance")) { $0.text(0) } ?? ""
  }

  /// What the clocks showed; there is none in a database of an earlier version.
  func setClock(_ text: String) throws(StoreError) {
    try replacement.run(.text("clock"), .text(text))
  }

  func isPaused() throws(StoreError) -> Bool {
    try pause.first { $0.flag(0) } ?? false
  }

  func setPaused(_ isPaused: Bool) throws(StoreError) {
    try write.run(.text("paused"), .text(isPaused ? "true" : "false"))
  }

  func forgetCopying() throws(StoreError) {
    try deletion.run(.text(Self.copiedAt))
  }
}
