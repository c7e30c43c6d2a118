import SimulationModel
import Testing

@Suite("The judge of simulated runs") struct JudgeTests {
  @Test("a run in which nothing happened kept every promise") func nothing() {
    #expect(Judge.judge(Trace()).isEmpty)
  }
}
