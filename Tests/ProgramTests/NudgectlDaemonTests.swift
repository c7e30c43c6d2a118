import Foundation
import Glibc
import NudgeAPI
import TestKit
import Testing

@Suite("nudgectl and nudged") struct NudgectlDaemonTests {
  @Test("a checkout is told, explained, ended by its order, and explained again")
  func story() async throws {
    try await withDaemon { ctl in
      let told = try await ctl("checkout", "--id", "c-1", "--email", "ann@example.com", "--item", "Tea: green:2:3.10")
      #expect(told.status == 0 && told.text.hasPrefix("c-1 is open\nnext reminder: "), "\(told.errorText)")
      #expect(try await ctl("why", "c-1").text.contains("unless an order comes first."))
      #expect(try await ctl("show", "c-1").text.contains("Tea: green         2   3.10"))
      let order = try await ctl("order", "--id", "o-1", "--checkout", "c-1")
      #expect(order.text.contains("it ended c-1\nreminders cancelled: 1\n"))
      let why = try await ctl("why", "c-1").text
      #expect(why.contains("c-1 of ann@example.com is ordered\nOrder o-1 ended it on "))
      #expect(why.contains("It was not sent: order o-1 came first on "))
      #expect(try await ctl("why", "o-1").text.contains("order o-1 came on "))
      let again = try await ctl("checkout", "--id", "c-1", "--email", "ann@example.com")
      #expect(again.text == "c-1 is ordered, as before\n")
    }
  }

  @Test("an import tells which lines were refused and why, and takes the rest")
  func importing() async throws {
    try await withDaemon { ctl in
      let lines = """
        {"type":"checkout","checkout_id":"a","email":"a@b.example"}
        {"type":"checkout","checkout_id":"b","email":"nobody"}
        {"type":
        {"type":"order","order_id":"o","checkout_id":"a"}
        """
      let result = try await ctl("import", "-", input: lines)
      #expect(result.status == 65)
      #expect(result.text.hasPrefix("2 events accepted, 2 rejected, "))
      let notes = result.errorText.split(separator: "\n")
      #expect(notes.count == 2)
      #expect(notes.first?.hasPrefix("line 2: /email must be an e-mail address") == true)
      #expect(notes.last?.hasPrefix("line 3: not JSON: ") == true)
      let json = try await ctl("--json", "import", "-", input: lines)
      #expect(try EventsReply(json: JSON(parsing: Array(json.output))).rejected.map(\.line) == [2, 3])
    }
  }

  @Test("refused data is 65 with every reason; with --json the problem is printed as it came")
  func refusals() async throws {
    try await withDaemon { ctl in
      let result = try await ctl("checkout", "--id", "c", "--email", "x", "--total", "1,0")
      #expect(result.status == 65 && result.text.isEmpty)
      #expect(result.errorText.contains("\n  /email must be") && result.errorText.contains("\n  /total must be"))
      let json = try await ctl("--json", "checkout", "-", input: "{")
      #expect(json.status == 65)
      #expect(try Problem(json: JSON(parsing: Array(json.output))).code == .malformed)
      #expect(try await ctl("why", "nobody").status == 65)
      #expect(try await ctl("dead", "retry", "m-99").status == 65)
    }
  }

  @Test("control characters in data do not reach the terminal")
  func controls() async throws {
    try await withDaemon { ctl in
      let result = try await ctl("dead", "drop", "c\u{1B}[31m\u{9B}")
      #expect(result.status == 65)
      #expect(!result.errorText.unicodeScalars.contains("\u{1B}") && result.errorText.contains("␛[31m<U+9B>"))
    }
  }

  @Test("the other verbs answer")
  func others() async throws {
    try await withDaemon { ctl in
      #expect(try await ctl("pause").text == "sending is paused\n")
      #expect(try await ctl("status").text.contains("paused, maildir"))
      #expect(try await ctl("resume").text == "sending goes on\n")
      #expect(try await ctl("list").errorText == "no checkouts\n")
      #expect(try await ctl("dead", "list").errorText == "no message was given up\n")
      #expect(try await ctl("preview", "reminder", "--step", "2").text.hasPrefix("Subject: "))
      #expect(try await ctl("preview", "order", "--format", "eml").text.contains("MIME-Version: 1.0"))
      #expect(try await ctl("check").status == 0)
      #expect(try await ctl("backup", "copy.db").status == 0)
      #expect(try await ctl("backup", "copy.db").status == 65)
      let status = try await ctl("--json", "status")
      #expect(try StatusReply(json: JSON(parsing: Array(status.output))).version == Version.current)
    }
  }

  private struct Ctl: Sendable {
    var folder: URL

    func callAsFunction(_ arguments: String..., input: String? = nil) async throws -> Program.Result {
      try await Program.run(
        Repository.program("nudgectl"), arguments, environment: ["NUDGED_SOCKET": folder.appending(path: "s").path],
        folder: folder, input: input.map { Data($0.utf8) })
    }
  }

  private func withDaemon(_ body: (Ctl) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let arguments = ["--state", folder.path, "--socket", folder.appending(path: "s").path]
      let nudged = try Program(Repository.program("nudged"), arguments)
      _ = try await nudged.line(containing: "nudged is ready")
      defer { nudged.signal(SIGKILL) }
      try await body(Ctl(folder: folder))
      nudged.signal(SIGKILL)
      await nudged.end()
    }
  }
}
