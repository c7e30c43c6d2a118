import Foundation
import NudgeDomain

@testable import NudgeMail

/// A sender for a server on loopback, with the credentials that its errors must not show.
func sesSender(
  endpoint: String, credentials: any AWSCredentialsSource = FixedCredentials(secretCredentials, from: "the test"),
  configurationSet: String? = nil,
  timeouts: SESTimeouts = patientSES
) throws -> SESSender {
  try SESSender(
    configuration: .init(
      region: "eu-west-1", endpoint: endpoint, configurationSet: configurationSet, timeouts: timeouts),
    credentials: credentials, now: { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) })
}

/// A machine that is busy with other tests is not what is tested.
let patientSES = SESTimeouts(connect: .seconds(600), answer: .seconds(600))

let secretCredentials = AWSCredentials(
  accessKeyID: "AKID", secretAccessKey: "verysecretkey", sessionToken: "verysecrettoken")

/// Runs `body` with a sender for a server that does as `script` says.
func withSES(
  timeouts: SESTimeouts = patientSES, configurationSet: String? = nil,
  script: @escaping @Sendable (ScriptedServer.Line) -> Void, body: (SESSender, ScriptedServer) async throws -> Void
) async throws {
  let server = try ScriptedServer(script)
  defer { server.stop() }
  let sender = try sesSender(
    endpoint: "http://127.0.0.1:\(server.port)", configurationSet: configurationSet, timeouts: timeouts)
  do {
    try await body(sender, server)
  } catch {
    await sender.shutdown()
    throw error
  }
  await sender.shutdown()
}
