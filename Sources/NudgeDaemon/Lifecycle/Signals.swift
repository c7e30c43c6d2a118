@preconcurrency import Dispatch
import Foundation

/// The signals that nudged listens to, in the order in which they come.
package struct Signals: Sendable {
  package enum Name: CaseIterable, Sendable {
    case terminate, interrupt, hangUp

    var number: Int32 {
      switch self {
      case .terminate: SIGTERM
      case .interrupt: SIGINT
      case .hangUp: SIGHUP
      }
    }
  }

  package let stream: AsyncStream<Name>

  package init(stream: AsyncStream<Name>) {
    self.stream = stream
  }

  /// From now on the signals come through the stream and do nothing else. A reader that went away is an error of the
  /// write, not a signal.
  package static func listening() -> Signals {
    signal(SIGPIPE, SIG_IGN)
    let (stream, continuation) = AsyncStream.makeStream(of: Name.self)
    let queue = DispatchQueue(label: "signals")
    let sources = Name.allCases.map { name in
      signal(name.number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: name.number, queue: queue)
      source.setEventHandler { continuation.yield(name) }
      source.activate()
      return source
    }
    continuation.onTermination = { _ in for source in sources { source.cancel() } }
    return Signals(stream: stream)
  }
}
