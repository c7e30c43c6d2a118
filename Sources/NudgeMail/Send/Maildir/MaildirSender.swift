import Dispatch
package import NudgeDomain

/// Puts letters into a Maildir.
///
/// A letter is accepted once it lies in `new` and would survive the loss of power; its file's name is the provider's id.
/// Whatever keeps a letter from getting there (no space, no permission) would keep the next one too: it holds the sender.
package struct MaildirSender: Sender {
  package struct Configuration: Hashable, Sendable {
    /// The Maildir's folder. The first letter makes it if it is missing; the folder around it must exist.
    package var path: String

    package init(path: String) {
      self.path = path
    }
  }

  private let maildir: Maildir
  private let now: @Sendable () -> Moment
  /// Waiting for the disk blocks a thread; it must not be one of those that tasks share.
  private let queue = DispatchQueue(label: "nudged.maildir", qos: .utility, attributes: .concurrent)

  package init(configuration: Configuration, now: @escaping @Sendable () -> Moment) {
    maildir = Maildir(path: configuration.path)
    self.now = now
  }

  package func deliver(_ letter: Letter, mayLeave: @escaping @Sendable () -> Bool) async -> Delivery? {
    if let defect = letter.defect { return .refused(error: defect) }
    guard mayLeave() else { return nil }
    let name = MaildirName.unique(at: now())
    return await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: deliver(letter.bytesWithLineFeeds, as: name)) }
    }
  }

  private func deliver(_ bytes: [UInt8], as name: String) -> Delivery {
    do throws(FileError) {
      try maildir.prepare()
      try maildir.write(bytes, as: name)
    } catch {
      maildir.withdraw(name)
      return .deferred(.sender, error: errorText("Maildir: \(error)"))
    }
    do throws(FileError) {
      try maildir.publish(name)
    } catch {
      maildir.withdraw(name)
      return .deferred(.sender, error: errorText("Maildir: \(error)"))
    }
    do throws(FileError) {
      try maildir.synchronizeNew()
      return .accepted(providerID: name)
    } catch {
      return .unknown(error: errorText("Maildir: \(error)"))
    }
  }
}
