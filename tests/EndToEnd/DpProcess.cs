using System.Diagnostics;
using System.Reflection;

namespace DataPlatform.EndToEnd;

/// <summary>The command <c>dp</c> as its user runs it.</summary>
internal static class DpProcess
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
        => RunInZoneAsync(null, cancellationToken, arguments);

    /// <summary>Runs it on a machine in a zone of its own; this one's when null.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunInZoneAsync(
        string? zone, CancellationToken cancellationToken, params string[] arguments)
    {
        using var running = StartInZone(zone, arguments);
        var process = running.Process;
        var text = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await text, await error);
    }

    /// <summary>Starts it; it is killed when disposed of, unless it ended before.</summary>
    public static Running Start(params string[] arguments) => StartInZone(null, arguments);

    private static Running StartInZone(string? zone, string[] arguments)
    {
        var output = typeof(DpProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            a => a.Key == "SampleOutput").Value!;
        var program = Path.Combine(SampleProcess.FindRoot(), "src", "Tools", "Cli", output, "dp.dll");
        var start = new ProcessStartInfo(
            "dotnet", [program, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (zone is not null)
        {
            start.Environment["TZ"] = zone;
        }

        return new Running(Process.Start(start)!);
    }

    internal sealed record Running(Process Process) : IDisposable
    {
        public void Dispose()
        {
            if (!Process.HasExited)
            {
                Process.Kill(entireProcessTree: true);
            }

            Process.Dispose();
        }
    }
}
