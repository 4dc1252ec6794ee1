using System.CommandLine;
using DataPlatform.Kernel;

namespace DataPlatform.Tools.Cli;

/// <summary>Gives every command its <c>--json</c> option, its output, and one way to fail.</summary>
internal static class CommandRun
{
    public const int ExitDone = 0;
    public const int ExitFailed = 1;
    public const int ExitUsage = 2;

    private static readonly Option<bool> Json = new("--json") { Description = "Write JSON for a machine instead of a table for a person." };

    /// <summary>Sets what a command does.</summary>
    public static Command Runs(this Command command, Func<ParseResult, CommandOutput, CancellationToken, Task> action)
        => command.Runs(async (parsed, output, cancellationToken) =>
        {
            await action(parsed, output, cancellationToken);
            return ExitDone;
        });

    /// <summary>Sets what a command does, with an exit code of its own.</summary>
    public static Command Runs(this Command command, Func<ParseResult, CommandOutput, CancellationToken, Task<int>> action)
    {
        command.Options.Add(Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new CommandOutput(parsed.GetValue(Json));
            try
            {
                return await action(parsed, output, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                output.Fail(ErrorKind.Unavailable, "Stopped.");
                return ExitFailed;
            }
            catch (DataPlatformException e)
            {
                output.Fail(e.Kind, e.Message);
                return ExitFailed;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                output.Fail(ErrorKind.Unavailable, e.Message);
                return ExitFailed;
            }
            catch (ArgumentException e)
            {
                output.Fail(ErrorKind.Invalid, e.Message);
                return ExitUsage;
            }
        });
        return command;
    }
}
