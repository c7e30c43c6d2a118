import NIOCore
import Synchronization

/// The connections that are open, and whether they still may be.
final class Connections: Sendable {
  private struct State {
    var open: [ObjectIdentifier: any Channel] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())

  func opened(_ channel: any Channel) {
    let isDraining = state.withLock { state in
      state.open[ObjectIdentifier(channel)] = channel
      return state.isDraining
    }
    if isDraining { Self.quiesce(channel) }
  }

  func closed(_ channel: any Channel) {
    state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  /// Closes each one as soon as no request is running on it: at once if it is idle.
  func drain() {
    let open = state.withLock { state in
      state.isDraining = true
      return Array(state.open.values)
    }
    for channel in open { Self.quiesce(channel) }
  }

  /// Closes all, whatever is running.
  func closeAll() {
    for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
  }

  private static func quiesce(_ channel: any Channel) {
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
  }
}
