import nudgectl

/// nudgectl without the daemon, for machines and builds that have no nudged.
@main enum Program {
  static func main() async {
    await NudgectlProgram.main()
  }
}
