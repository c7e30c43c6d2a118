import CClock
import Dispatch
import Glibc

/// Notices at once when somebody sets the wall clock, or the machine wakes up: the kernel makes a descriptor readable.
/// Nobody waits for it, and nothing wakes up otherwise.
final class StepWatch: Sendable {
  nonisolated(unsafe) private let source: any DispatchSourceRead  // may be cancelled by anybody at any time

  private init(_ source: any DispatchSourceRead) {
    self.source = source
  }

  /// Nil if the kernel does not allow it: then a step is noticed by the next one who looks at the clock.
  static func begin(_ report: @escaping @Sendable () -> Void) -> StepWatch? {
    let descriptor = cclock_watch()
    guard descriptor >= 0 else { return nil }
    return begin(on: descriptor, look: cclock_look, report)
  }

  /// - Parameters:
  ///   - descriptor: is closed at the end.
  ///   - look: says what has become readable, as `cclock_look` does.
  static func begin(
    on descriptor: Int32, look: @escaping @Sendable (Int32) -> Int32, _ report: @escaping @Sendable () -> Void
  ) -> StepWatch {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
    let watch = StepWatch(source)
    source.setEventHandler { [weak watch] in
      let news = look(descriptor)
      if news == Int32(CCLOCK_BROKEN) { watch?.end() }
      if news != Int32(CCLOCK_QUIET) { report() }
    }
    source.setCancelHandler { close(descriptor) }
    source.activate()
    return watch
  }

  func end() { source.cancel() }
}
