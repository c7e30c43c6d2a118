import Foundation
import Logging
import NudgeDomain
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("Places") struct PlacesTests {
  @Test("a flag wins over the environment, and that over the default")
  func precedence() {
    let environment = ["STATE_DIRECTORY": "/var/lib/private/nudged:/other", "RUNTIME_DIRECTORY": "/run/n"]
    let bare = Places(config: nil, state: nil, socket: nil, environment: [:])
    #expect(bare.configuration == "/etc/nudged/nudged.yaml")
    #expect(!bare.isConfigurationNamed)
    #expect(bare.state == "/var/lib/nudged")
    #expect(bare.socket == "/run/nudged/nudged.sock")
    #expect(bare.database == "/var/lib/nudged/nudged.db")
    let managed = Places(config: nil, state: nil, socket: nil, environment: environment)
    #expect(managed.state == "/var/lib/private/nudged")
    #expect(managed.socket == "/run/n/nudged.sock")
    let flagged = Places(config: "c", state: "s", socket: "k", environment: environment)
    #expect(flagged.isConfigurationNamed && flagged.isSocketNamed && !managed.isSocketNamed)
    #expect([flagged.configuration, flagged.state, flagged.socket] == ["c", "s", "k"])
  }

  @Test("a configuration file that nobody named may be missing, one that is named may not")
  func missing() async throws {
    try await withTemporaryFolder { folder in
      var places = Places(config: nil, state: nil, socket: nil, environment: [:])
      places.configuration = folder.appending(path: "none.yaml").path
      let withoutFile = try Configuration.load(places)
      #expect(withoutFile == .standard)
      places.isConfigurationNamed = true
      #expect(throws: ConfigurationError.self) { try Configuration.load(places) }
    }
  }
}

@Suite("State directory") struct StateDirectoryTests {
  @Test("it is made for its owner and group alone, and one daemon at a time has it")
  func lock() async throws {
    try await withTemporaryFolder { folder in
      let state = folder.appending(path: "deep/state").path
      let places = Places(config: nil, state: state, socket: nil, environment: [:])
      try Self.hold(places) {
        let attributes = try FileManager.default.attributesOfItem(atPath: state)
        #expect(attributes[.posixPermissions] as? Int == 0o750)
        let failure = #expect(throws: StartFailure.self) { _ = try StateDirectory(places) }
        guard case .taken = failure else {
          Issue.record("expected the directory to be taken, not \(String(describing: failure))")
          return
        }
      }
      try Self.hold(places) {}
    }
  }

  private static func hold(_ places: Places, _ body: () throws -> Void) throws {
    let directory = try StateDirectory(places)
    try body()
    withExtendedLifetime(directory) {}
  }
}

@Suite("Log lines") struct LineLogTests {
  private func line(_ style: LineLog.Style, _ level: Logger.Level, _ sentence: String, _ data: Logger.Metadata)
    -> String
  {
    LineLog.line(style, Moment(milliseconds: 1_795_350_600_123), level, sentence, data)
  }

  @Test("for people: time, level, sentence, sorted pairs")
  func plain() {
    #expect(
      line(.plain, .info, "Mail is sent", ["state": "sent", "message": "m-1"])
        == "2026-11-22T12:30:00.123Z info     Mail is sent message=m-1 state=sent")
  }

  @Test("for the journal: a priority and no time")
  func journal() {
    #expect(line(.journal, .warning, "Mail is held", [:]) == "<4>Mail is held")
    #expect(line(.journal, .critical, "x", [:]) == "<2>x")
    #expect(line(.journal, .debug, "x", [:]) == "<7>x")
  }

  @Test("an event is one line, whatever is in it")
  func oneLine() {
    let text = line(.journal, .error, "x", ["error": "a \"b\"\n<0>c\u{1b}", "empty": ""])
    #expect(text == #"<3>x empty="" error="a \"b\"\n<0>c\u{1b}""#)
  }

  @Test("addresses are kept out of what servers say")
  func redaction() {
    #expect(
      Redaction.withoutAddresses("554 <ann@example.com>: Email address is not verified: bob.b+c@shop.example, eu")
        == "554 <<address>>: Email address is not verified: <address>, eu")
    #expect(Redaction.withoutAddresses("nothing here") == "nothing here")
  }
}
