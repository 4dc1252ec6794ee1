using DataPlatform.Kernel;
using DataPlatform.Samples.FlightDelays;
using DataPlatform.Samples.FlightDelays.Display;

const int ExitFailed = 1;
const int ExitUsage = 2;

Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitUsage;
}

if (options.Help)
{
    Console.WriteLine(Options.Usage);
    return 0;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

try
{
    await using IProgressDisplay display = Console.IsOutputRedirected ? new PlainDisplay(Console.Out) : new LiveDisplay(Spectre.Console.AnsiConsole.Console);
    return await new FlightDelaysRun(options, display, TimeProvider.System).RunAsync(stop.Token);
}
catch (Exception e) when (e is SampleException or DataPlatformException)
{
    Console.Error.WriteLine(e.Message);
    return ExitFailed;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped. The same command resumes where this run was.");
    return ExitFailed;
}
