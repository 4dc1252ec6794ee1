using System.Diagnostics;
using System.Globalization;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>A scheduler or worker in a process of its own, to be killed and frozen.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _spoke = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _ = line.Data is null
            ? _spoke.TrySetException(new InvalidOperationException("the node ended without a word."))
            : _spoke.TrySetResult();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Completes with the first line it writes.</summary>
    public Task Spoke => _spoke.Task;

    public bool HasExited => _process.HasExited;

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
