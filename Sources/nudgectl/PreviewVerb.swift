import ArgumentParser
import NudgeAPI

struct PreviewVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show the mail that would be sent, without sending it.",
    discussion: """
      Without an event, the mail is made of a sample. A message's mail is shown as it would be sent now.

      EXAMPLES
        nudgectl preview reminder --step 2 --locale de-AT
        nudgectl preview reminder --event checkout.json --output preview.html
        nudgectl preview order --shop outlet --format eml
        nudgectl preview --message m-17
      """)

  @OptionGroup var subject: MailSubject
  @Option(help: ArgumentHelp("The mail of this message, like m-17.", valueName: "id")) var message: String?
  @OptionGroup var form: MailForm
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions
  @ParentCommand var root: Nudgectl

  func validate() throws {
    if message != nil && subject.isGiven { throw ValidationError("a message says all of itself: leave the rest out") }
    if message == nil && subject.kind == nil { throw ValidationError("say which: reminder, order, or --message") }
  }

  func run() async throws {
    let body = try message == nil ? JSON.object(subject.members()).bytes : nil
    try await Session.run(daemon.after(root.daemon)) { session in
      if let message {
        try await form.show(.get, Client.path(["messages", message, "mail"]), in: session)
      } else {
        try await form.show(.post, "/preview", body: body, in: session)
      }
    }
  }
}
