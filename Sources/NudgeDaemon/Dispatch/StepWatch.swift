import CClock
import Dispatch
import Glibc
import Synchronization

/// Notices at once when somebody sets the wall clock, or the machine wakes up: the kernel makes a descriptor readable.
/// Nobody waits for it, and nothing wakes up otherwise.
final class StepWatch: Sendable {
  private let source: Mutex<any DispatchSourceRead>

  private init(_ descriptor: Int32) {
    source = Mutex(DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global()))
  }

  /// Nil if the kernel does not allow it: then a step is noticed by the next one who looks at the clock.
  static func begin(_ report: @escaping @Sendable (Bool) -> Void) -> StepWatch? {
    let descriptor = cclock_watch()
    guard descriptor >= 0 else { return nil }
    return begin(on: descriptor, look: { cclock_look($0) }, report)
  }

  /// - Parameters:
  ///   - descriptor: is closed at the end.
  ///   - look: says what has become readable, as `cclock_look` does.
  ///   - report: is told whether the next step will be noticed as well.
  static func begin(
    on descriptor: Int32, look: @escaping @Sendable (Int32) -> Int32, _ report: @escaping @Sendable (Bool) -> Void
  ) -> StepWatch {
    let watch = StepWatch(descriptor)
    watch.source.withLock { source in
      source.setEventHandler { [weak watch] in
        let news = look(descriptor)
        let isBroken = news == Int32(CCLOCK_BROKEN)
        if isBroken { watch?.end() }
        if news != Int32(CCLOCK_QUIET) { report(!isBroken) }
      }
      source.setCancelHandler { close(descriptor) }
      source.activate()
    }
    return watch
  }

  func end() { source.withLock { $0.cancel() } }
}
