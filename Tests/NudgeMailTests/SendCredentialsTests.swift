import Foundation
import TestKit
import Testing

@testable import NudgeMail

@Suite("AWS credentials") struct SendCredentialsTests {
  private let environment = ["AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env/secret"]

  private func problem(_ environment: [String: String], file: String? = nil) -> String {
    do {
      return "found \(try AWSCredentials.load(environment: environment, file: file))"
    } catch {
      return "\(error)"
    }
  }

  @Test("the environment is enough, with or without a token")
  func fromEnvironment() throws {
    let found = try AWSCredentials.load(environment: environment, file: nil)
    #expect(found == AWSCredentials(accessKeyID: "AKIDENV", secretAccessKey: "env/secret"))
    let temporary = try AWSCredentials.load(
      environment: environment.merging(["AWS_SESSION_TOKEN": "tok+en=="]) { $1 }, file: nil)
    #expect(temporary.sessionToken == "tok+en==")
  }

  @Test("a missing or impossible variable is named, its value is not")
  func wrongEnvironment() {
    #expect(problem([:]).contains("AWS_ACCESS_KEY_ID"))
    #expect(problem(["AWS_ACCESS_KEY_ID": "a"]).contains("AWS_SECRET_ACCESS_KEY"))
    let broken = problem(["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "very secret"])
    #expect(broken.contains("AWS_SECRET_ACCESS_KEY"))
    #expect(!broken.contains("very"))
  }

  @Test("systemd's credential comes before the configured file, that before the environment")
  func order() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      func text(_ name: String) -> String {
        "# keys\n[other]\naws_access_key_id = X\n\n[default]\naws_access_key_id = \(name)\naws_secret_access_key=s\n"
          + "region = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n"
      }
      try Data(text("FILE").utf8).write(to: file)
      var environment = environment
      #expect(try AWSCredentials.load(environment: environment, file: file.path).accessKeyID == "FILE")
      environment["CREDENTIALS_DIRECTORY"] = folder.path
      #expect(try AWSCredentials.load(environment: environment, file: file.path).accessKeyID == "FILE")
      try Data(text("SYSTEMD").utf8).write(to: folder.appending(path: "nudged.ses"))
      #expect(try AWSCredentials.load(environment: environment, file: file.path).accessKeyID == "SYSTEMD")
      #expect(try AWSCredentials.load(environment: environment, file: nil).accessKeyID == "SYSTEMD")
    }
  }

  @Test(
    "a wrong file is refused with its line",
    arguments: [
      ("aws_access_key_id = a\n", ":1: aws_access_key_id stands before any [section]"),
      ("[default]\naws_access_key_id\n", ":2: is neither [section] nor name = value"),
      ("[default\n", ":1: the section's name has no end"),
      ("[default]\naws_access_key_id =\n", ":2: aws_access_key_id is empty"),
      ("[default]\naws_access_key_id = a\naws_access_key_id = b\n", ":3: aws_access_key_id is there a second time"),
      (
        "[default]\naws_access_key_id = a\naws_secret_access_key = s e\n", ":3: aws_secret_access_key holds a character"
      ),
      ("[default]\naws_access_key_id = a\n", ": no aws_secret_access_key in the section [default]"),
      ("[other]\naws_access_key_id = a\n", ": no aws_access_key_id in the section [default]"),
      ("", ": no aws_access_key_id in the section [default]"),
    ])
  func wrongFile(text: String, expected: String) async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      try Data(text.utf8).write(to: file)
      #expect(problem(environment, file: file.path).hasPrefix(file.path + expected))
    }
  }

  @Test("a configured file that cannot be read is an error, whatever the environment holds")
  func unreadable() async throws {
    #expect(problem(environment, file: "/nonexistent/file").contains("No such file"))
    #expect(problem(environment, file: "/tmp").contains("Is a directory"))
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      try Data(repeating: 10, count: 70_000).write(to: file)
      #expect(problem(environment, file: file.path).contains("longer than"))
      try Data([0xff, 0xfe]).write(to: file)
      #expect(problem(environment, file: file.path).contains("UTF-8"))
    }
  }

  @Test("no description shows a secret")
  func descriptions() {
    let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "topsecret", sessionToken: "tokensecret")
    var dumped = ""
    dump(credentials, to: &dumped)
    dump([credentials], to: &dumped)
    for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
      #expect(!text.contains("secret"))
    }
  }
}
