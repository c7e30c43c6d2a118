/// What the clocks of the machine showed at one instant.
package struct Reading: Hashable, Sendable {
  package var wall: Moment
  package var uptime: Uptime

  package init(wall: Moment, uptime: Uptime) {
    self.wall = wall
    self.uptime = uptime
  }

  /// What the wall clock shows at that uptime, or showed, unless somebody sets it.
  package func wall(at uptime: Uptime) -> Moment { wall.advanced(by: uptime.since(self.uptime)) }

  /// How long the machine has run when the wall clock shows that, unless somebody sets it.
  package func uptime(at wall: Moment) -> Uptime { uptime.advanced(by: wall.since(self.wall)) }
}
