using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace DataPlatform.EndToEnd;

/// <summary>A sample run as its user runs it: a process of its own, that can be killed.</summary>
internal sealed class SampleProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private SampleProcess(Process process) => _process = process;

    /// <summary>Both output streams so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a sample.</summary>
    public static SampleProcess Start(string sample, params IEnumerable<string> arguments)
    {
        var output = typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "SampleOutput").Value!;
        var program = Path.Combine(FindRoot(), "samples", sample, output, $"{sample}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var running = new SampleProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.Append(line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Append(line.Data);
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a sample to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string sample, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var running = Start(sample, arguments);
        await running._process.WaitForExitAsync(cancellationToken);
        return (running._process.ExitCode, running.Output);
    }

    /// <summary>Kills it with SIGKILL after a while, unless it ended before.</summary>
    /// <returns>Its exit code when it ended by itself, else null.</returns>
    public async Task<int?> KillAfterAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(delay);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(cancellationToken);
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    internal static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DataPlatform.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No DataPlatform.sln above the test: run it from a checkout.");
        }

        return folder.FullName;
    }

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
