using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd;

/// <summary>A <c>dp</c> that stays until it is stopped, with what it has said so far.</summary>
internal sealed class ServedProcess : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(120);

    private readonly DpProcess.Running _running;
    private readonly StringBuilder _output = new();
    private HttpClient? _client;

    private ServedProcess(DpProcess.Running running)
    {
        _running = running;
        running.Process.OutputDataReceived += (_, line) => Append(line.Data);
        running.Process.ErrorDataReceived += (_, line) => Append(line.Data);
        running.Process.BeginOutputReadLine();
        running.Process.BeginErrorReadLine();
    }

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

    public static ServedProcess Start(params string[] arguments) => new(DpProcess.Start(arguments));

    /// <summary>Starts <c>dp dag serve</c> and waits until it serves.</summary>
    public static async Task<ServedProcess> ServeAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var served = Start(["dag", "serve", "--port", "0", .. arguments]);
        await served.SaysAsync("Ctrl+C ends it.", cancellationToken);
        var line = served.Output.Split('\n').Single(line => line.TrimStart().StartsWith("address", StringComparison.Ordinal));
        served._client = new HttpClient { BaseAddress = new Uri(line.Trim().Split(' ')[^1] + "api/") };
        return served;
    }

    /// <summary>Waits until it has written something.</summary>
    public Task SaysAsync(string text, CancellationToken cancellationToken) => UntilAsync(
        () => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"it to say '{text}'", cancellationToken);

    /// <summary>Starts a run over the REST API.</summary>
    public async Task<long> TriggerAsync(string dagId, CancellationToken cancellationToken)
    {
        using var response = await _client!.PostAsJsonAsync($"dags/{dagId}/runs", new { }, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetInt64();
    }

    /// <summary>Waits until a run has ended and gives how.</summary>
    public async Task<string> EndOfAsync(long runId, CancellationToken cancellationToken)
    {
        var state = string.Empty;
        await UntilAsync(
            async () => (state = (await GetAsync($"runs/{runId}", cancellationToken)).GetProperty("state").GetString()!) is not ("Queued" or "Running"),
            $"run {runId} to end",
            cancellationToken);
        return state;
    }

    /// <summary>The one task instance of a run.</summary>
    public async Task<JsonElement> TaskAsync(long runId, string task, CancellationToken cancellationToken) =>
        Assert.Single((await GetAsync($"runs/{runId}/tasks?task={task}", cancellationToken)).GetProperty("items").EnumerateArray());

    /// <summary>What the API answers.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await _client!.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>The status that the API answers a request with a body with.</summary>
    public async Task<int> StatusAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _client!.SendAsync(request, cancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>The log of a task's newest try.</summary>
    public Task<string> LogAsync(long runId, string task, CancellationToken cancellationToken) =>
        _client!.GetStringAsync($"runs/{runId}/log?task={task}", cancellationToken);

    /// <summary>Whether it hears Ctrl-C: what a shell runs in the background is started deaf to it, with all that it starts.</summary>
    public bool HearsInterrupt => !OperatingSystem.IsLinux()
        || (Convert.ToUInt64(File.ReadLines($"/proc/{_running.Process.Id}/status").First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal))["SigCgt:".Length..].Trim(), 16) & 2) != 0;

    /// <summary>Asks it to stop, as Ctrl-C (INT) and service managers (TERM) do.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_running.Process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _running.Process.WaitForExitAsync(cancellationToken).WaitAsync(WaitMax, cancellationToken);
        return _running.Process.ExitCode;
    }

    /// <summary>Waits until it has ended by saying what is wrong, and not where in the program that was found.</summary>
    public async Task RefusesAsync(int exitCode, string text, CancellationToken cancellationToken)
    {
        await UntilAsync(() => Task.FromResult(_running.Process.HasExited), $"it to refuse with '{text}'", cancellationToken);
        await _running.Process.WaitForExitAsync(cancellationToken);
        Assert.Contains(text, Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Output, StringComparison.Ordinal);
        Assert.Equal(exitCode, _running.Process.ExitCode);
    }

    /// <summary>Kills it with SIGKILL, and not what it started.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _running.Process.Kill();
        await _running.Process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until something holds: for far longer than a loaded machine needs.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); !await holds();)
        {
            if (Stopwatch.GetElapsedTime(began) > WaitMax || (_running.Process.HasExited && !await holds()))
            {
                throw new TimeoutException($"Waited in vain for {what}. The process {(_running.Process.HasExited ? "ended" : "goes on")}; it said: {Output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _running.Dispose();
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
