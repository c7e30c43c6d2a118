import Foundation
package import Logging
import NudgeAPI
import NudgeDomain

/// Writes each event as one line to standard error: for people `time level sentence key=value`, for the journal
/// `<priority>sentence key=value`.
package struct LineLog: LogHandler {
  package enum Style: Hashable, Sendable {
    case plain
    /// systemd reads the prefix as a priority and adds the time itself.
    case journal
  }

  /// The longest line, in bytes: what the kernel writes to a pipe in one piece.
  static let longestLine = 4_096

  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  package var logLevel: Logger.Level
  private let style: Style
  private let clock: any WallClock

  package init(style: Style, level: Logger.Level, clock: any WallClock) {
    self.style = style
    self.clock = clock
    logLevel = level
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var metadata = event.metadata ?? [:]
    for general in [metadataProvider?.get() ?? [:], self.metadata] where !general.isEmpty {
      metadata.merge(general) { own, _ in own }
    }
    if let error = event.error { metadata["error"] = "\(error)" }
    let line = Self.line(style, clock.now(), event.level, event.message.description, metadata)
    var bytes = Array(line.utf8.prefix(Self.longestLine - 1))
    bytes.append(UInt8(ascii: "\n"))
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  static func line(
    _ style: Style, _ now: Moment, _ level: Logger.Level, _ sentence: String, _ metadata: Logger.Metadata
  ) -> String {
    let head =
      switch style {
      case .plain: "\(Timestamp(milliseconds: now.milliseconds).rfc3339) \(level.padded) "
      case .journal: "<\(level.priority)>"
      }
    let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted($0.value.description))" }
    return head + sentence.singleLine + pairs.joined()
  }

  private static func quoted(_ value: String) -> String {
    if value.isASCIIWord { return value }
    let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
    guard !isPlain else { return value.singleLine }
    let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped.singleLine)\""
  }
}

extension String {
  /// True for what most values are: nothing in it needs a quote or an escape.
  fileprivate var isASCIIWord: Bool {
    !isEmpty && utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
  }

  /// No control character gets out: a line of the log is one event.
  fileprivate var singleLine: String {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.properties.generalCategory == .control: text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Logger.Level {
  fileprivate var padded: String {
    rawValue + String(repeating: " ", count: "critical".count - rawValue.count)
  }

  /// As in syslog.
  fileprivate var priority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
