import Synchronization

/// Bytes that all clients together may make nudged hold.
final class Allowance: Sendable {
  /// How much of each share needs nobody's leave.
  let free: Int
  private let limit: Int
  private let used = Atomic(0)

  init(_ limit: Int, free: Int) {
    self.limit = limit
    self.free = free
  }

  /// What is used of it, in bytes.
  var inUse: Int { used.load(ordering: .relaxed) }

  fileprivate func draw(_ bytes: Int) -> Bool {
    let (_, total) = used.add(bytes, ordering: .relaxed)
    if total <= limit { return true }
    giveBack(bytes)
    return false
  }

  fileprivate func giveBack(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// What one request holds of an allowance; gives it back when nobody holds the share any more.
final class Share: Sendable {
  private let allowance: Allowance
  private let bytes = Mutex(0)

  init(of allowance: Allowance) {
    self.allowance = allowance
  }

  deinit {
    let drawn = beyondFree(bytes.withLock { $0 })
    if drawn > 0 { allowance.giveBack(drawn) }
  }

  /// False if so much more is not to be had.
  func take(_ more: Int) -> Bool {
    bytes.withLock { bytes in
      let drawn = beyondFree(bytes + more) - beyondFree(bytes)
      guard drawn == 0 || allowance.draw(drawn) else { return false }
      bytes += more
      return true
    }
  }

  private func beyondFree(_ bytes: Int) -> Int { max(0, bytes - allowance.free) }
}
