/// Judges what was seen of a run by the public contract alone.
package enum Judge {
  /// Each promise that the run broke, in the order in which it shows; empty if it kept them all.
  package static func judge(_ trace: Trace, tolerances: Tolerances = Tolerances()) -> [Violation] {
    []
  }
}
