import Glibc
import Logging
import NudgeAPI
import NudgeDomain
import NudgeStore
import Synchronization

/// When the service manager wants to hear that nudged lives, and what counts as living.
package struct Heartbeat: Sendable {
  /// What systemd sets when the unit has a watchdog.
  package static let variables = ["WATCHDOG_USEC", "WATCHDOG_PID"]
  /// Without a watchdog there are no beats, but the status is told at this pace.
  static let statusInterval = Duration.seconds(30)
  /// How long the dispatcher may take over one look at what is due. It looks once a minute at least.
  static let longestLook = Duration.seconds(180)

  /// Half of what the manager allows: one late beat is not missed.
  package let interval: Duration
  package let isWatched: Bool

  /// - Parameter process: this one; a watchdog of another process is none of ours.
  package init(environment: [String: String], process: Int32) {
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
    let allowed = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    isWatched = isOurs && allowed > 0
    interval = isWatched ? .microseconds(allowed) / 2 : Self.statusInterval
  }
}

/// Whether the dispatcher goes on looking. A value; it is asked once an interval.
struct Progress: Hashable, Sendable {
  private var looks = -1
  private var idle = Duration.zero

  /// - Parameter looks: how often the dispatcher has looked at what is due since it began.
  /// - Returns: false if it has not for longer than it ever should.
  mutating func continues(looks: Int, after interval: Duration) -> Bool {
    idle = looks == self.looks ? idle + interval : .zero
    self.looks = looks
    return idle <= Heartbeat.longestLook
  }
}

extension Daemon {
  /// Tells the service manager what nudged does and that it lives, until cancelled. While the writer does not answer or
  /// the dispatcher stands still, nothing is told: then a watchdog ends the process.
  func beat() async {
    let heartbeat = Heartbeat(environment: surroundings.environment, process: getpid())
    var progress = Progress()
    var told = ""
    while !Task.isCancelled {
      _ = try? await store.pulse()  // whatever it says, it says something; a failure ends the daemon by itself
      let isWell = progress.continues(looks: dispatcher.looks.load(ordering: .relaxed), after: heartbeat.interval)
      if isWell, heartbeat.isWatched { surroundings.notifier.notify(.watchdog) }
      if !isWell { logger.critical("The dispatcher stands still: the watchdog is not told that nudged lives") }
      let status = await statusLine()
      if status != told { surroundings.notifier.notify(.status(status)) }
      told = status
      guard (try? await surroundings.clock.pass(heartbeat.interval)) != nil else { return }  // cancelled
    }
  }

  /// What `systemctl status` shows.
  func statusLine() async -> String {
    let transport = dispatcher.desk.configuration.sender.transport.rawValue
    let sending =
      switch dispatcher.status {
      case _ where await isPaused(): "sending is paused"
      case .ok: "sends by \(transport)"
      case .held(let reason, _, _): "mail is held: \(reason)"
      case .doubted(let doubt): "mail is held: \(doubt.reason)"
      }
    return "Takes events, \(sending); next due \(await nextDue().map { Timestamp($0).rfc3339 } ?? "nothing")"
  }

  /// False also if the store cannot say.
  func isPaused() async -> Bool { (try? await store.isPaused()) == true }

  /// Nil also if the store cannot say: that ends nudged by itself.
  func nextDue() async -> Moment? { (try? await store.nextDue()) ?? nil }
}
