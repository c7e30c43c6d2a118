import Foundation
import TestKit
import Testing

@Suite("nudged, killed again and again", .serialized) struct KillTests {
  /// What a kill is aimed at: any moment, the start included; right behind an acknowledgement; while the mail server has
  /// a mail or a part of it; right behind its answer.
  private static let moments = [
    "delay", "acknowledged", "order acknowledged", "events acknowledged", "begun", "received", "answered",
  ]
  private static let fewKills = 5
  /// The way to the mail server matters little to what is on disk: of all kills, every so manieth goes by SMTP as well.
  private static let share = [Scene.Mail.ses: 1, .smtp: 3]

  @Test(
    "SIGKILL at any moment loses nothing acknowledged, sends nothing twice, and an order still wins",
    arguments: [Scene.Mail.ses, .smtp])
  func kills(mail: Scene.Mail) async throws {
    var dice = Dice(seed: Means.seed)
    try await withScene(mail: mail) { scene in
      let witness = scene.witness
      try await witness.tell("load", #"{"seed": \#(Means.seed), "rate": 40}"#)
      try await witness.tell("mood", #"{"lose": 0.03, "fail": 0.02, "slow": 0.05}"#)
      let kills = max(2, (Means.kills ?? Self.fewKills) / (Self.share[mail] ?? 1))
      for _ in 1...kills {
        let nudged = try scene.start()
        let moment = try #require(Self.moments.randomElement(using: &dice))
        let after =
          moment == "delay" ? Double.random(in: 0...1.5, using: &dice) : Double.random(in: 1...40, using: &dice)
        try await witness.tell("aim", #"{"at": "\#(moment)", "after": \#(after), "pid": \#(nudged.processIdentifier)}"#)
        let end = await nudged.end()
        #expect(end.status == SIGKILL, "\(end.errorText)")
      }
      try await witness.tell("mood")
      try await scene.finish(try await scene.ready())
      let verdict = try await witness.verdict(scene.database, isSMTP: mail == .smtp)
      print(verdict.summary("\(kills) kills with mail by \(mail), seed \(Means.seed)"))
      #expect(verdict.findings.isEmpty, "seed \(Means.seed): \(verdict.findings)")
      #expect(verdict.number("acknowledged") > 10 * kills && verdict.number("hand_overs") > 5 * kills)
    }
  }
}
