import Foundation
import NudgeAPI
import TestKit
import Testing

private let nudgectl = Repository.program("nudgectl")
private let verbs = [
  "checkout", "order", "import", "status", "list", "show", "why", "dead", "dead list", "dead show", "dead retry",
  "dead drop", "preview", "test-send", "pause", "resume", "clock", "clock status", "clock accept",
  "backup", "restored", "check",
]

@Suite("nudgectl alone") struct NudgectlAloneTests {
  @Test(
    "a wrong command line is a usage error, told on standard error",
    arguments: [
      ["frobnicate"], ["checkout"], ["checkout", "--id", "c"], ["checkout", "--email", "a@b.example"], ["order"],
      ["order", "x.json", "--id", "o"], ["import"], ["show"], ["why"], ["backup"], ["restored"], ["restored", "sent"],
      ["dead", "retry"], ["preview"],
      ["preview", "refund"], ["preview", "order", "--step", "2"], ["list", "--limit", "0"], ["list", "--state", "x"],
      ["checkout", "--id", "c", "--email", "a@b.example", "--item", "Mug:12.50"], ["status", "--nope"],
      ["test-send"], ["test-send", "--to", "a@b.example", "refund"], ["preview", "order", "--message", "m-1"],
      ["dead", "retry", "m-1", "--reason", "refused"], ["dead", "retry", "--state", "unknown"],
      ["dead", "list", "--limit", "0"], ["dead", "list", "--unknown", "--all"], ["dead", "drop"],
    ])
  func usage(arguments: [String]) async throws {
    let result = try await Program.run(nudgectl, arguments)
    #expect(result.status == 64)
    #expect(result.text.isEmpty)
    #expect(result.errorText.contains("Usage:"))
  }

  @Test(
    "without a daemon every verb says which socket and how to start it, in one line",
    arguments: [
      ["status"], ["list"], ["show", "c"], ["why", "c"], ["dead"], ["dead", "drop", "m-1"], ["preview", "order"],
      ["pause"], ["resume"], ["clock"], ["clock", "accept"], ["backup", "/x"], ["restored", "unknown"], ["check"],
      ["order", "--id", "o"],
      ["import", "-"],
      ["--json", "status"],
    ])
  func noDaemon(arguments: [String]) async throws {
    let result = try await Program.run(
      nudgectl, arguments, environment: ["NUDGED_SOCKET": "/tmp/none/s"], input: Data())
    #expect(result.status == 69)
    #expect(result.text.isEmpty)
    #expect(result.errorText.hasPrefix("nudgectl: no daemon at /tmp/none/s: there is no such socket. Start it"))
    #expect(result.errorText.split(separator: "\n").count == 1)
  }

  @Test("the socket is taken from before the verb, after it, or the environment, in this order of weight")
  func socket() async throws {
    for (arguments, expected) in [
      (["--socket", "/tmp/none/a", "status"], "/tmp/none/a"),
      (["dead", "list", "--socket", "/tmp/none/b"], "/tmp/none/b"),
      (["--socket", "/tmp/none/a", "dead", "list"], "/tmp/none/a"), (["status"], "/tmp/none/e"),
      (["--socket", "/tmp/none/a", "status", "--socket", "/tmp/none/b"], "/tmp/none/b"),
    ] {
      let result = try await Program.run(nudgectl, arguments, environment: ["NUDGED_SOCKET": "/tmp/none/e"])
      #expect(result.errorText.contains("no daemon at \(expected):"))
    }
  }

  @Test(
    "a file that cannot be read is told by name",
    arguments: [["import"], ["checkout"], ["order"], ["preview", "order", "--event"]])
  func unreadable(verb: [String]) async throws {
    for path in ["/tmp/none/x.json", "/tmp"] {
      let result = try await Program.run(nudgectl, verb + [path])
      #expect(result.status == 66)
      #expect(result.errorText.hasPrefix("nudgectl: cannot read \(path): "))
    }
  }

  @Test("every verb has help with examples", arguments: verbs)
  func help(verb: String) async throws {
    let words = verb.split(separator: " ").map(String.init)
    let result = try await Program.run(nudgectl, words + ["--help"])
    #expect(result.status == 0)
    #expect(result.text.contains("EXAMPLES\n  "))
    #expect(result.text.contains("nudgectl \(verb)"))
    #expect(result.text.contains("--socket <path>"))
  }

  @Test("the version is told")
  func version() async throws {
    #expect(try await Program.run(nudgectl, ["--version"]).text == "nudgectl \(Version.current)\n")
  }

  @Test("completions are written for each shell, and bash can read its own", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let script = try await Program.run(nudgectl, ["--generate-completion-script", shell])
    #expect(script.status == 0)
    #expect(script.text.contains("ndjson"))
    guard shell == "bash" else { return }
    let check = try await Program.run(URL(filePath: "/bin/bash"), ["-n", "/dev/stdin"], input: script.output)
    #expect(check.status == 0, "\(check.errorText)")
  }
}
