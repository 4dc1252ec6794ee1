using System.Diagnostics;
using System.Reflection;

namespace DataPlatform.EndToEnd;

/// <summary>The command <c>dp</c> as its user runs it.</summary>
internal static class DpProcess
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        CancellationToken cancellationToken, params string[] arguments)
    {
        var output = typeof(DpProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            a => a.Key == "SampleOutput").Value!;
        var program = Path.Combine(SampleProcess.FindRoot(), "src", "Tools", "Cli", output, "dp.dll");
        var start = new ProcessStartInfo(
            "dotnet", [program, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await text, await error);
    }
}
