using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace DataPlatform.TestKit.Browser;

/// <summary>A headless Chromium of this machine, driven over its DevTools protocol. One process; each page is a fresh profile of its own.</summary>
/// <remarks>Found by <c>DP_CHROMIUM</c> or as <c>chromium</c>, <c>chromium-browser</c>, <c>google-chrome</c> on the path.</remarks>
public sealed partial class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly Process _process;
    private readonly string _profile;
    private readonly DevTools _tools;

    private Chromium(Process process, string profile, DevTools tools)
    {
        _process = process;
        _profile = profile;
        _tools = tools;
    }

    /// <summary>Where the browser is; null when this machine has none.</summary>
    public static string? Path =>
        Environment.GetEnvironmentVariable("DP_CHROMIUM") is { Length: > 0 } named
            ? named
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(System.IO.Path.PathSeparator)
                .SelectMany(folder => Names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>What to say when tests of pages are skipped.</summary>
    public static string Missing => "NO BROWSER: pages were not tested. Install one (apt-get install -y chromium) or name it in DP_CHROMIUM.";

    /// <summary>Starts the browser.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it did not start.</exception>
    public static async Task<Chromium> StartAsync(CancellationToken cancellationToken)
    {
        var profile = Directory.CreateTempSubdirectory("dp-chromium-").FullName;
        var start = new ProcessStartInfo(Path ?? throw new InvalidOperationException(Missing)) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--mute-audio",
                "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--remote-debugging-port=0",
                $"--user-data-dir={profile}", "about:blank",
            ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        process.BeginOutputReadLine();
        var address = await ReadAddressAsync(process, cancellationToken);
        return new Chromium(process, profile, await DevTools.ConnectAsync(address, cancellationToken));
    }

    /// <summary>Opens a page in a profile of its own: no cookies, nothing cached.</summary>
    public Task<BrowserPage> OpenAsync(CancellationToken cancellationToken) => BrowserPage.OpenAsync(_tools, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _tools.DisposeAsync();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser may still be writing; the folder is the system's temporary one.
        }
    }

    private static async Task<Uri> ReadAddressAsync(Process process, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            seen.AppendLine(line.Data);
            if (line.Data is null)
            {
                found.TrySetException(new InvalidOperationException("The browser ended before it listened:\n" + seen));
            }
            else if (Listening().Match(line.Data) is { Success: true } match)
            {
                found.TrySetResult(new Uri(match.Groups[1].Value));
            }
        };
        process.BeginErrorReadLine();
        return await found.Task.WaitAsync(cancellationToken);
    }

    [GeneratedRegex(@"DevTools listening on (ws://\S+)")]
    private static partial Regex Listening();
}
