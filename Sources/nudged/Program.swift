import ArgumentParser
import nudgectl

/// One program file for both: the runtime library and the data of its text functions are most of it, and are shared. It
/// is the one that it is called by.
@main enum Program {
  static func main() async {
    let name = CommandLine.arguments.first?.split(separator: "/").last
    if name?[...] == NudgectlProgram.name[...] { await NudgectlProgram.main() } else { await Nudged.main() }
  }
}
