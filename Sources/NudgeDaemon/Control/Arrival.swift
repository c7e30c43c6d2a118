import NIOCore
import Synchronization

/// A client whose connection was accepted, on its way to whoever serves it.
///
/// When the listener closes just then, NIO drops who is on the way, and ends the program for it: a connection that nobody
/// has closed is an error to it. So whoever is dropped is served all the same.
final class Arrival<Child: Sendable>: Sendable {
  let channel: any Channel
  private let child: Child
  private let service: @Sendable (Child) async -> Void
  private let isServed = Atomic(false)

  init(_ child: Child, on channel: any Channel, service: @escaping @Sendable (Child) async -> Void) {
    self.child = child
    self.channel = channel
    self.service = service
  }

  /// To be called once. Returns when the connection is closed.
  func serve() async {
    isServed.store(true, ordering: .relaxed)
    await service(child)
  }

  deinit {
    guard !isServed.load(ordering: .relaxed) else { return }
    Task { [child, channel, service] in
      // The listener may have closed before this one was ready: then nobody will ever read from it.
      let isReady = try? await channel.eventLoop.submit { channel.isActive }.get()
      if isReady != true { channel.close(promise: nil) }
      await service(child)
    }
  }
}
