import Testing

@testable import NudgeDaemon

@Suite("The heartbeat") struct HeartbeatTests {
  @Test("beats twice in the time that the service manager allows")
  func interval() {
    let heartbeat = Heartbeat(environment: ["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "42"], process: 42)
    #expect(heartbeat.isWatched)
    #expect(heartbeat.interval == .seconds(30))
    #expect(heartbeat.rest == .seconds(300), "while nothing happens, each minute of the watchdog becomes ten")
  }

  @Test(
    "is nobody's without a watchdog, or with one of another process",
    arguments: [[:], ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "x"], ["WATCHDOG_USEC": "9", "WATCHDOG_PID": "41"]])
  func nobody(environment: [String: String]) {
    let heartbeat = Heartbeat(environment: environment, process: 42)
    #expect(!heartbeat.isWatched)
    #expect(heartbeat.interval == Heartbeat.statusInterval)
  }

  @Test("goes on while the dispatcher looks, and ends when it has not for longer than any look takes")
  func progress() {
    var progress = Progress()
    let interval = Duration.seconds(30)
    let still = Int(Heartbeat.longestLook / interval)
    let first = (0...still).map { _ in progress.continues(looks: 0, after: interval) }
    #expect(first == Array(repeating: true, count: still + 1))
    let tooLong = progress.continues(looks: 0, after: interval)
    #expect(!tooLong)
    let again = [1, 1].map { progress.continues(looks: $0, after: interval) }
    #expect(again == [true, true], "it looks again: all is well")
  }
}
