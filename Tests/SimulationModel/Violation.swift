/// A promise that was not kept.
package struct Violation: Equatable, Sendable, CustomStringConvertible {
  package var rule: Rule
  /// Where in the trace it shows: the number of the observation, from 0.
  package var observation: Int
  package var at: Instant
  /// One sentence with the ids.
  package var detail: String

  package init(rule: Rule, observation: Int, at: Instant, detail: String) {
    self.rule = rule
    self.observation = observation
    self.at = at
    self.detail = detail
  }

  package var description: String {
    "\(rule.rawValue) at \(at.elapsed) ms (observation \(observation)): \(detail)"
  }
}
