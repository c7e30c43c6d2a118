import Synchronization
import Testing

@testable import NudgeStore

@Suite("The writer's thread") struct WorkThreadTests {
  @Test("does what it is given in its order, a piece at a time, and keeps nothing of it")
  func works() async {
    let done = Mutex<[Int]>([])
    final class Witness: Sendable {}
    weak var witness: Witness?
    await withCheckedContinuation { continuation in
      let thread = WorkThread(named: "test")
      let held = Witness()
      witness = held
      for number in 0..<1_000 {
        thread.run {
          done.withLock { $0.append(number) }
          withExtendedLifetime(held) {}
        }
      }
      thread.run { continuation.resume() }
    }
    #expect(done.withLock { $0 } == Array(0..<1_000))
    #expect(witness == nil, "what was done is forgotten")
  }
}
