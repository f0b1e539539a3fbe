import ArgumentParser
import Foundation

/// The command line. Exit codes: 0 done, 1 failed, 2 not understood.
@main
struct Attune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attune", abstract: "Collects what people do and decides what each of them sees next.",
    discussion: """
      EXAMPLES
        attune demo                                     a simulated shop, from nothing to decisions in a minute
        attune serve --data ./data --port 8080          the server
        attune import --data ./data events.jsonl        your own history

      Commands that read or write data take --data DIR, or --server URL --key K.
      """,
    version: "0.1.0",
    subcommands: [
      ServeCommand.self, DemoCommand.self, ImportCommand.self, ExportCommand.self, DecideCommand.self,
      ExplainCommand.self, ReplayCommand.self, ProfileCommand.self, EraseCommand.self, FeaturesCommand.self,
      CheckCommand.self,
      ApplyCommand.self, PullCommand.self, KeysCommand.self, TailCommand.self, DeadLettersCommand.self,
      DoctorCommand.self, EvaluateCommand.self, TrainCommand.self, ModelsCommand.self, TableCommand.self,
      PropensityCommand.self, ValueCommand.self, UpliftCommand.self,
      BackupCommand.self, RestoreCommand.self,
    ])

  static func main() async {
    // A reader that goes away (`attune export | head`) ends a write, not the program.
    signal(SIGPIPE, SIG_IGN)
    let terminal = Terminal()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      terminal.note("attune: \(failure)")
      Foundation.exit(1)
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
    } catch {
      leave(with: error, terminal: terminal)
    }
  }

  /// Help goes to standard output and is no failure; what was not understood is 2.
  private static func leave(with error: any Error, terminal: Terminal) -> Never {
    switch exitCode(for: error) {
    case .success:
      terminal.line(fullMessage(for: error))
      Foundation.exit(0)
    case .validationFailure:
      terminal.note(fullMessage(for: error))
      Foundation.exit(2)
    default:
      terminal.note("attune: \(error)")
      Foundation.exit(1)
    }
  }
}
