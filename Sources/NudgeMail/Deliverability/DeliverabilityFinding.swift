/// One thing that was looked at, and how it is.
package struct DeliverabilityFinding: Hashable, Sendable {
  package enum Level: Hashable, Sendable {
    case ok, warning, error
  }

  package var level: Level
  /// "SPF", "DKIM", "imprint".
  package var topic: String
  /// A sentence without a capital and a full stop.
  package var detail: String
  /// A record to publish, as a line of a zone file.
  package var publish: String?

  package init(_ level: Level, _ topic: String, _ detail: String, publish: String? = nil) {
    self.level = level
    self.topic = topic
    self.detail = detail
    self.publish = publish
  }

  /// What could not be found out is never called missing.
  static func notChecked(_ topic: String, _ why: String) -> DeliverabilityFinding {
    DeliverabilityFinding(.warning, topic, "not checked: \(why)")
  }
}
