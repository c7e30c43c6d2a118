/// Judges what was seen of a run by the public contract alone.
package enum Judge {
  /// Each promise that the run broke, in the order in which it shows; empty if it kept them all.
  package static func judge(_ trace: Trace, tolerances: Tolerances = Tolerances()) -> [Violation] {
    let history = History(trace, tolerances: tolerances)
    var found = LedgerRules(history: history).violations()
    found += PaceRules(history: history).violations()
    found += PauseRules(history: history).violations()
    found += ClockRules(history: history).violations()
    found += TableRules(history: history).violations()
    found += PunctualityRules(history: history).violations()
    found += EventRules(history: history).violations()
    return found.sorted { ($0.observation, $0.rule.rawValue) < ($1.observation, $1.rule.rawValue) }
  }
}
