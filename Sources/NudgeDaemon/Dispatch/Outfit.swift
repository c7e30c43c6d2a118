import NudgeMail
import Synchronization

/// How letters are made and who takes them. A reload makes a new one; what has begun ends with the one that it has.
final class Outfit: Sendable {
  let desk: MailDesk
  let sender: any Sender
  private let use = Mutex((count: 0, isRetired: false))

  init(desk: MailDesk, sender: any Sender) {
    self.desk = desk
    self.sender = sender
  }

  func begin(_ count: Int = 1) {
    use.withLock { $0.count += count }
  }

  /// Shuts the sender down if this was the last use of a retired one.
  func end(_ count: Int = 1) async {
    let isOver = use.withLock { use in
      use.count -= count
      return use.isRetired && use.count == 0
    }
    if isOver { await sender.shutdown() }
  }

  /// Shuts the sender down now, or with the last use. Nothing may begin any more.
  func retire() async {
    let isIdle = use.withLock { use in
      use.isRetired = true
      return use.count == 0
    }
    if isIdle { await sender.shutdown() }
  }
}
