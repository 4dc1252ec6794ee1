using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>A scheduler or worker in a process of its own, to be killed and frozen.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource _spoke = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _ = line.Data is null
            ? _spoke.TrySetException(new InvalidOperationException("the node ended without a word."))
            : _spoke.TrySetResult();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                _errors.Enqueue(line.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Completes with the first line it writes.</summary>
    public Task Spoke => _spoke.Task;

    /// <summary>How it ended and what it said last; null while it runs.</summary>
    public string? Death => _process.HasExited ? $"exit code {_process.ExitCode}: {string.Join('\n', _errors)}" : null;

    public static NodeProcess Start(params string[] arguments)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "DataPlatform.Integration.OrchestratorNode.dll");
        var process = Process.Start(
            new ProcessStartInfo("dotnet", [file, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return new NodeProcess(process);
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
