/// What there is one of in a database.
struct MetaTable {
  /// A random name of this database.
  let instance: String
  private let read: Statement
  private let write: Statement
  private let replacement: Statement

  init(_ connection: OpaquePointer) throws(StoreError) {
    read = try Statement(connection, "SELECT value FROM meta WHERE name = ?")
    write = try Statement(connection, "UPDATE meta SET value = ?2 WHERE name = ?1")
    replacement = try Statement(connection, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")
    instance = try read.first(.text("instance")) { $0.text(0) } ?? ""
  }

  /// What the clocks showed; there is none in a database of an earlier version.
  func setClock(_ text: String) throws(StoreError) {
    try replacement.run(.text("clock"), .text(text))
  }

  func isPaused() throws(StoreError) -> Bool {
    try read.first(.text("paused")) { $0.text(0) } == "true"
  }

  func setPaused(_ isPaused: Bool) throws(StoreError) {
    try write.run(.text("paused"), .text(isPaused ? "true" : "false"))
  }
}
