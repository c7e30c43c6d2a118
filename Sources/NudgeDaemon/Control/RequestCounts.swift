import Synchronization

/// How many requests each route has answered, by status.
final class RequestCounts: Sendable {
  struct Key: Hashable, Sendable {
    /// The number of the route; nil for what leads nowhere.
    var route: Int?
    var status: Int
  }

  private let counts = Mutex<[Key: Int]>([:])

  func count(route: Int?, status: Int) {
    counts.withLock { $0[Key(route: route, status: status), default: 0] += 1 }
  }

  /// How many requests were answered in all.
  var total: Int { counts.withLock { $0.values.reduce(0, +) } }

  var snapshot: [Key: Int] { counts.withLock { $0 } }
}
