/// Which path and method lead where.
enum Routes {
  static func isStream(_ path: String) -> Bool {
    path == "/events" || path.hasPrefix("/events?")
  }
}
