import ArgumentParser
import nudgectl

/// One program file for all: the runtime library and the data of its text functions are most of it, and are shared. It
/// is the one that it is called by.
@main enum Program {
  static func main() async {
    switch CommandLine.arguments.first?.split(separator: "/").last.map(String.init) {
    case NudgectlProgram.name: await NudgectlProgram.main()
    case SendmailClient.name: SendmailClient.main()
    default: await Nudged.main()
    }
  }
}
