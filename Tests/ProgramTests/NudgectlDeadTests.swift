import Foundation
import Glibc
import NudgeAPI
import TestKit
import Testing

@Suite("nudgectl, nudged and a moody mail server") struct NudgectlDeadTests {
  @Test("a dead letter is listed, shown with its ledger, the server's last answer and the mail, retried and dropped")
  func deadLetter() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("c-1", email: "refuse@example.com")
      let list = try await post.ctl("dead", "list").text
      #expect(
        list.contains("m-1      reminder 1  dead   refused  default  c-1  ") && list.contains("550 5.1.1 No such"))
      let show = try await post.ctl("dead", "show", "m-1").text
      for part in [
        "message   m-1, reminder 1, of shop default", "state     dead (refused)", "went to   refuse@example.com",
        "ATTEMPT  BEGAN ", "a-1      2", "\nLast answer:\n  RCPT TO: 550 5.1.1 No such user: reason 1 of",
        "reason 9 of the server's many reasons;", "`nudgectl dead retry m-1`", "\n\nSubject: ",
        "\nTo: refuse@example.com\n", "\nFrom: ",
      ] { #expect(show.contains(part), "\(part) is not in\n\(show)") }
      let file = post.folder.appending(path: "m.eml").path
      #expect(try await post.ctl("dead", "show", "m-1", "--output", file).text.isEmpty)
      let eml = try String(contentsOfFile: file, encoding: .utf8)
      #expect(eml.contains("\r\nMessage-ID: <m1.") && eml.contains("\r\nTo: refuse@example.com\r\n"))
      #expect(try await post.ctl("dead", "show", "m-1", "--format", "html").text.contains("<html"))
      let json = try await post.ctl("--json", "dead", "show", "m-1")
      #expect(try MessageReply(json: JSON(parsing: Array(json.output))).reason == "refused")

      _ = try await post.ctl("pause")
      #expect(try await post.ctl("dead", "retry", "m-1").text.hasPrefix("m-1 goes out again: "))
      #expect(try await post.ctl("dead", "drop", "m-1").status == 65, "it is none any more")
      let name = String(cString: getpwuid(getuid()).pointee.pw_name)
      let why = try await post.ctl("why", "c-1").text
      #expect(why.contains("\n  Retried by \(name) (uid \(getuid())) on 2"), "\(why)")
      #expect(why.contains("\n  To drop it was asked for by \(name) (uid \(getuid())) on 2"), "\(why)")
      #expect(why.contains("in vain: it was in another state."))
      let actor = "\(name)|\(getuid())|\(getgid())"
      #expect(
        try await post.operators() == ["\(actor)|drop|m-1|unfit", "\(actor)|retry|m-1|done", "\(actor)|pause||done"])
    }
  }

  @Test("a retry that an order forestalled exits with 65 and says why")
  func forestalled() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("c-1", email: "refuse@example.com")
      _ = try await post.ctl("order", "--id", "o-1", "--checkout", "c-1")
      let retry = try await post.ctl("dead", "retry", "m-1", "m-99")
      #expect(retry.status == 65 && retry.text.isEmpty)
      #expect(
        retry.errorText.hasPrefix("nudgectl: m-1: it is not sent again: the order has come; the message is cancelled"))
      #expect(retry.errorText.contains("\nnudgectl: m-99: there is no such message"))
      #expect(try await post.ctl("why", "c-1").text.contains("It was not sent: order o-1 came first"))
    }
  }

  @Test("what nobody knows the fate of is told on request, explained, and retried only by a clear decision")
  func unknown() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("c-1", email: "silent@example.com", "unknown")
      #expect(try await post.ctl("status").text.contains("1 unknown"))
      #expect(try await post.ctl("dead", "list").errorText == "no message was given up\n")
      for flag in ["--unknown", "--all"] {
        #expect(try await post.ctl("dead", "list", flag).text.contains("m-1      reminder 1  unknown  unknown"))
      }
      let why = try await post.ctl("why", "c-1").text
      #expect(why.contains("so that nobody knows whether it arrived"))
      #expect(why.contains("A reminder is never sent again by itself then"))
      #expect(why.contains("`nudgectl dead retry m-1` sends it again"))
      #expect(try await post.ctl("show", "m-1").text.contains(" unknown: "))
      let careless = try await post.ctl("dead", "retry", "--reason", "unknown")
      #expect(careless.status == 64 && careless.errorText.contains("say --yes"))
      _ = try await post.ctl("pause")
      let retry = try await post.ctl("dead", "retry", "--reason", "unknown", "--yes")
      #expect(retry.status == 0 && retry.text == "1 message to go out again\n")
      _ = try await post.ctl("order", "--id", "o-1", "--checkout", "c-1")
      #expect(
        try await post.ctl("why", "c-1").text.contains(
          "It was handed over once, without an answer, and is not sent again: order o-1 came first"))
    }
  }

  @Test("all of a reason are retried or dropped at once, page after page is listed, and what is left is told")
  func many() async throws {
    try await withMoodyServer { post in
      for number in 1...3 {
        try await post.giveUp("c-\(number)", email: "refuse\(number)@example.com", message: number)
      }
      let pages = try await post.ctl("--json", "dead", "list", "--reason", "refused", "--limit", "2")
      let page = try MessagePage(json: JSON(parsing: Array(pages.output)))
      #expect(page.messages.map(\.checkoutID) == ["c-3", "c-2"] && page.next != nil)
      #expect(try await post.ctl("dead", "list", "--limit", "2").errorText.hasPrefix("there are more: --after "))
      #expect(try await post.ctl("dead", "list", "--kind", "order").errorText == "no message was given up\n")
      _ = try await post.ctl("pause")
      _ = try await post.ctl("order", "--id", "o-2", "--checkout", "c-2")
      let retry = try await post.ctl("dead", "retry", "--reason", "refused")
      #expect(
        retry.text == "2 messages to go out again\n1 message left: the order has come; cancelled now: m-2\n",
        "\(retry.text)\(retry.errorText)")
      #expect(retry.status == 0)
      let drop = try await post.ctl("dead", "drop", "--state", "dead")
      #expect(drop.status == 0 && drop.text == "0 messages dropped\n")
    }
  }

  @Test("a test tells what the mail server says, exits with it, and leaves no trace but who sent it where")
  func testSend() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("c-1", email: "refuse@example.com")
      _ = try await post.ctl("pause")
      let before = try await post.dump()
      let taken = try await post.ctl("test-send", "--to", "me@example.com", "reminder", "--step", "2")
      #expect(taken.status == 0, "\(taken.errorText)")
      #expect(taken.text.contains("outcome        accepted by smtp\n") && taken.text.contains("[Test] "))
      let line = try await post.server.line(containing: "mail to me@example.com:")
      #expect(line.contains("[Test] ") && line.hasSuffix(" marked yes"))
      for (address, status, said) in [
        ("refuse@example.com", Int32(65), "550 5.1.1 No such user"), ("later@example.com", 75, "451 4.3.0 Not now"),
        ("silent@example.com", 1, "no answer"),
      ] {
        let result = try await post.ctl("test-send", "--to", address, "order")
        #expect(result.status == status && result.text.contains(said), "\(result.text)\(result.errorText)")
      }
      let json = try await post.ctl("--json", "test-send", "--to", "me2@example.com")
      #expect(try TestSendReply(json: JSON(parsing: Array(json.output))).outcome == .accepted)
      #expect(try await post.ctl("test-send", "--to", "nobody").status == 65)
      #expect(try await post.ctl("test-send").status == 64)
      #expect(try await post.dump() == before)
      let tests = try await post.operators().filter { $0.contains("|test-send|") }
      #expect(
        tests.map { $0.split(separator: "|").suffix(2).joined(separator: " ") } == [
          "me2@example.com accepted", "silent@example.com unknown", "later@example.com deferred",
          "refuse@example.com refused", "me@example.com accepted",
        ])
    }
  }

  @Test("a preview is written to a file of the form that its name asks for, and shows a message's mail")
  func preview() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("c-1", email: "refuse@example.com")
      for (name, beginning) in [("p.html", "<!"), ("p.eml", "From: "), ("p.txt", "Subject: ")] {
        let file = post.folder.appending(path: name)
        let result = try await post.ctl("preview", "reminder", "--output", file.path, "--locale", "de-AT")
        #expect(result.status == 0 && result.text.isEmpty, "\(result.errorText)")
        #expect(try String(contentsOf: file, encoding: .utf8).lowercased().hasPrefix(beginning.lowercased()))
      }
      let mail = try await post.ctl("preview", "--message", "m-1", "--format", "eml").text
      #expect(mail.contains("\r\nMessage-ID: <m1."))
      #expect(try await post.ctl("preview", "--message", "m-1", "--step", "2").status == 64)
      #expect(try await post.ctl("preview", "--message", "m-9").status == 65)
      #expect(try await post.ctl("preview", "order", "--locale", "deutsch!").status == 65)
      #expect(try await post.ctl("preview", "order", "--output", "/no/such/folder/x").status == 1)
    }
  }

  @Test("tables and mails fit the terminal, whatever script they are in, and only a terminal gets colours")
  func terminal() async throws {
    try await withMoodyServer { post in
      try await post.giveUp("カート一", email: "refuse1@example.com")
      try await post.giveUp("c-2", email: "refuse2@example.com", message: 2)
      let plain = try await post.ctl("dead", "list").text
      #expect(!plain.unicodeScalars.contains("\u{1B}"))
      let columns = plain.split(separator: "\n").map { line in
        line.range(of: "20").map { Self.width(line[..<$0.lowerBound]) }
      }
      #expect(Set(columns.compactMap { $0 }).count == 1 && columns.compactMap { $0 }.count == 2, "aligned: \(plain)")
      let list = try await post.terminal(110, "dead", "list")
      #expect(
        list.contains("\nwidest 110\n") && list.contains("\u{1B}[1mm-1\u{1B}[0m") && list.contains("…"), "\(list)")
      let file = post.folder.appending(path: "long.json")
      let event = #"{"checkout_id": "c", "email": "ann@example.com", "items": [{"name": "\#(Self.longName)"}]}"#
      try event.write(to: file, atomically: true, encoding: .utf8)
      let mail = try await post.terminal(44, "preview", "reminder", "--event", file.path)
      let widest = mail.split(separator: "\n").last.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
      #expect(try #require(widest) <= 44, "\(mail)")
      #expect(mail.contains("青い湯呑み"))
    }
  }

  private static let longName = String(repeating: "青い湯呑み とても大きい ", count: 8) + "end"

  private static func width(_ text: Substring) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
  }
}

/// nudged with a mail server that answers as the recipient's name asks for.
private struct MoodyPost: Sendable {
  let folder: URL
  let nudged: Program
  let server: Program

  private var environment: [String: String] { ["NUDGED_SOCKET": folder.appending(path: "n.sock").path] }

  func ctl(_ arguments: String...) async throws -> Program.Result {
    try await Program.run(Repository.program("nudgectl"), arguments, environment: environment)
  }

  /// What a verb looks like on a terminal of that width, then `widest N`.
  func terminal(_ columns: Int, _ arguments: String...) async throws -> String {
    let program = [Repository.oracle("terminal").path, "\(columns)", Repository.program("nudgectl").path]
    let colored = environment.merging(["NO_COLOR": ""]) { $1 }
    return try await Program.run(Repository.python, program + arguments, environment: colored).text
  }

  /// Lets the one reminder of a checkout come to its end.
  func giveUp(_ checkout: String, email: String, message: Int = 1, _ reason: String = "refused") async throws {
    let told = try await ctl("checkout", "--id", checkout, "--email", email)
    guard told.status == 0 else { throw Program.Failure.ended(printed: told.errorText) }
    _ = try await nudged.line(containing: " message=m-\(message) reason=\(reason) ")
  }

  /// All that the database holds, but for what operators did.
  func dump() async throws -> String {
    let lines = try await sqlite(".dump").split(separator: "\n")
    return lines.filter { !$0.hasPrefix("INSERT INTO operator_action ") }.joined(separator: "\n")
  }

  /// What operators did, the latest first.
  func operators() async throws -> [String] {
    try await sqlite("SELECT user, uid, gid, action, target, result FROM operators").split(separator: "\n")
      .map(String.init)
  }

  private func sqlite(_ command: String) async throws -> String {
    let path = folder.appending(path: "state/nudged.db").path
    let result = try await Program.run(URL(filePath: "/usr/bin/sqlite3"), ["-readonly", path, command])
    guard result.status == 0 else { throw Program.Failure.ended(printed: result.errorText) }
    return result.text
  }
}

private func withMoodyServer(_ body: (MoodyPost) async throws -> Void) async throws {
  let server = try Program(Repository.python, [Repository.oracle("smtp_moody").path])
  let port = try await server.line(containing: "ready ").split(separator: " ").last ?? ""
  try await withTemporaryFolder { folder in
    let yaml = """
      sender: { transport: smtp, smtp: { host: 127.0.0.1, port: \(port) } }
      retry: { attempts: 1 }
      shops: { default: { from: Shop <cart@shop.example>, schedule: [1s] } }
      """
    let nudged = try await NudgedProgram(in: folder, yaml: yaml).program
    let result: Result<Void, any Error>
    do { result = .success(try await body(MoodyPost(folder: folder, nudged: nudged, server: server))) } catch {
      result = .failure(error)
    }
    nudged.signal(SIGKILL)
    await nudged.end()
    server.signal(SIGKILL)
    await server.end()
    try result.get()
  }
}
