import Foundation
import Synchronization

/// How far an import is, on standard error, if that is a terminal.
final class ProgressBar: Sendable {
  private struct State {
    var lastDrawn: ContinuousClock.Instant?
    var isDrawn = false
  }

  private static let barColumns = 30
  private static let redrawAfter = Duration.milliseconds(100)

  private let total: Int64?
  private let isWanted: Bool
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  init(total: Int64?, isWanted: Bool = Output.isErrorTerminal) {
    self.total = total
    self.isWanted = isWanted
  }

  var elapsed: Duration { ContinuousClock.now - started }

  func advance(to bytes: Int64) {
    guard isWanted else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if let last = state.lastDrawn, now - last < Self.redrawAfter { return }
      state.lastDrawn = now
      state.isDrawn = true
      Output.raw("\r\u{1B}[K" + Self.line(bytes: bytes, of: total, after: now - started))
    }
  }

  func clear() {
    state.withLock { state in
      if state.isDrawn { Output.raw("\r\u{1B}[K") }
      state.isDrawn = false
    }
  }

  /// "[#######-------]  45 %  12.3 MB/s  8 s left".
  static func line(bytes: Int64, of total: Int64?, after elapsed: Duration) -> String {
    let seconds = max(Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18, 0.001)
    let rate = Double(bytes) / seconds
    let speed = "\(Words.bytes(Int(rate)))/s"
    guard let total, total > 0 else { return "\(Words.bytes(Int(bytes)))  \(speed)" }
    let share = min(Double(bytes) / Double(total), 1)
    let filled = Int(share * Double(barColumns))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: barColumns - filled)
    let percent = Int(share * 100)
    let left = rate > 0 ? "  \(Time.length(seconds: Int64((Double(total - bytes) / rate).rounded(.up)))) left" : ""
    return "[\(bar)] \(percent) %  \(speed)\(left)"
  }
}
