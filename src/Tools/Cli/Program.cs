using System.CommandLine;
using System.Runtime.InteropServices;
using DataPlatform.Tools.Cli;

var root = new RootCommand("Looks into what DataPlatform's engines leave on disk. Every command takes --json; exit codes: 0 done, 1 failed, 2 wrong arguments.");
foreach (var group in CommandGroups.All)
{
    root.Subcommands.Add(group);
}

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("See --help.");
    return CommandRun.ExitUsage;
}

// What is stopped takes the time that its own options give it, for example a worker that lets its tries end. Whoever cannot wait stops it again:
// then the signal does what it does to any program.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    if (!stop.IsCancellationRequested)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token);
}
finally
{
    // The last connection to a SQLite file takes its -wal and -shm away; the pool would keep one to the end of the process.
    Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
}
