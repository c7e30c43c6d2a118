import CStorage

/// What holds for all databases of the process.
enum SQLiteSettings {
  /// The name of the VFS through which a writer's log is written.
  static let gathering = STORAGE_GATHERING

  /// Works once, before the process opens its first database; later the memory stays as it is, which is slower and no
  /// less right.
  ///
  /// What SQLite counts of its own memory, for programs that ask, takes a lock of the whole process for each allocation,
  /// dozens of them in an event: without, a line of `/events` took a fifth less of a processor. And it would take 87 KB
  /// ahead for each table that a statement makes for itself, though those hold a row or two.
  static func make() { _ = once }

  private static let once: Void = {
    _ = storage_configure()
    _ = storage_add_gathering()  // if that failed, opening with it says so
  }()
}
