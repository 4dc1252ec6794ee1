using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.TestKit.Browser;

/// <summary>One page of a <see cref="Chromium"/>, as a person uses it: go, read, click, type, look.</summary>
/// <remarks>Everything waits for what it needs, and says what it waited for when that never comes; nothing waits for a length of time.</remarks>
public sealed class BrowserPage : IAsyncDisposable
{
    /// <summary>The longest wait for one thing: far more than a loaded machine needs, so that only what waits in vain is ended, and named.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(2);

    private readonly DevTools _tools;
    private readonly string _context;
    private readonly string _session;
    private readonly CancellationToken _cancellation;
    private readonly ConcurrentQueue<string> _errors = new();
    private TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrowserPage(DevTools tools, string context, string session, CancellationToken cancellationToken)
    {
        _tools = tools;
        _context = context;
        _session = session;
        _cancellation = cancellationToken;
    }

    /// <summary>What went wrong on the page so far: script errors, refused resources and violations of its security policy.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    internal static async Task<BrowserPage> OpenAsync(DevTools tools, CancellationToken cancellationToken)
    {
        var context = (await tools.SendAsync(null, "Target.createBrowserContext", null, cancellationToken)).GetProperty("browserContextId").GetString()!;
        var target = (await tools.SendAsync(
            null, "Target.createTarget", new JsonObject { ["url"] = "about:blank", ["browserContextId"] = context }, cancellationToken))
            .GetProperty("targetId").GetString()!;
        var session = (await tools.SendAsync(
            null, "Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }, cancellationToken)).GetProperty("sessionId").GetString()!;
        var page = new BrowserPage(tools, context, session, cancellationToken);
        tools.Listen(session, page.OnEvent);
        foreach (var domain in (string[])["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"])
        {
            await page.SendAsync(domain);
        }

        return page;
    }

    /// <summary>Makes it a screen of a size, light or dark.</summary>
    public async Task SizeAsync(int width, int height, bool isDark = false)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }),
        });
    }

    /// <summary>Goes to an address and waits until it is loaded.</summary>
    public async Task GoAsync(string address)
    {
        var loaded = Expect();
        var answer = await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        if (answer.TryGetProperty("errorText", out var error))
        {
            throw new InvalidOperationException($"{address}: {error.GetString()}");
        }

        await loaded.WaitAsync(WaitMax, _cancellation);
    }

    /// <summary>Runs JavaScript and gives its value; a promise is awaited.</summary>
    public async Task<JsonElement> EvaluateAsync(string script)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = script, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer.TryGetProperty("exceptionDetails", out var exception)
            ? throw new InvalidOperationException($"{script}: {exception.GetRawText()}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until JavaScript gives something true, also over a navigation: a page counts once it is whole.</summary>
    public async Task UntilAsync(string condition)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            if (Stopwatch.GetElapsedTime(began) > WaitMax)
            {
                throw new TimeoutException($"It never came to be that {condition}.");
            }

            try
            {
                if ((await EvaluateAsync($"document.readyState === 'complete' && Boolean({condition})")).ValueKind == JsonValueKind.True)
                {
                    return;
                }
            }
            catch (InvalidOperationException) when (!_cancellation.IsCancellationRequested)
            {
                // The page is being replaced by the next one.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancellation);
        }
    }

    /// <summary>The text of an element, once it is there.</summary>
    public async Task<string> TextAsync(string selector)
    {
        await UntilAsync($"document.querySelector({Quote(selector)})");
        return (await EvaluateAsync($"document.querySelector({Quote(selector)}).innerText")).GetString()!.Trim();
    }

    /// <summary>The texts of all elements that match now.</summary>
    public async Task<string[]> TextsAsync(string selector) =>
        [.. (await EvaluateAsync($"[...document.querySelectorAll({Quote(selector)})].map(e => e.innerText.trim())")).EnumerateArray().Select(text => text.GetString()!)];

    /// <summary>How many elements match now.</summary>
    public async Task<int> CountAsync(string selector) => (await EvaluateAsync($"document.querySelectorAll({Quote(selector)}).length")).GetInt32();

    /// <summary>Clicks an element with the mouse, once it is there and nothing lies over it.</summary>
    public async Task ClickAsync(string selector)
    {
        // What lies at the middle of an element is asked together with where that is: a page that moves is asked again.
        var middle =
            $"(() => {{ const e = document.querySelector({Quote(selector)}); if (!e) return null; e.scrollIntoView({{ block: 'center', inline: 'center' }}); const r = e.getBoundingClientRect(); "
            + "const x = r.left + r.width / 2, y = r.top + r.height / 2, hit = document.elementFromPoint(x, y); return hit && (e.contains(hit) || hit.contains(e) || hit.closest('label')?.control === e) ? [x, y] : null; })()";
        await UntilAsync($"{middle} !== null");
        var at = await EvaluateAsync(middle);
        for (; at.ValueKind != JsonValueKind.Array; at = await EvaluateAsync(middle))
        {
            await UntilAsync($"{middle} !== null");
        }

        foreach (var type in (string[])["mousePressed", "mouseReleased"])
        {
            await SendAsync("Input.dispatchMouseEvent", new JsonObject
            {
                ["type"] = type,
                ["x"] = at[0].GetDouble(),
                ["y"] = at[1].GetDouble(),
                ["button"] = "left",
                ["clickCount"] = 1,
            });
        }
    }

    /// <summary>Clicks an element and waits until the page that it leads to is loaded.</summary>
    public async Task FollowAsync(string selector)
    {
        // The page before is marked: an event of loading could still be that of the page before.
        await UntilAsync($"document.querySelector({Quote(selector)})");
        await EvaluateAsync("window.dpLeft = true");
        await ClickAsync(selector);
        await UntilAsync("!window.dpLeft");
    }

    /// <summary>Replaces what a field holds, telling the page as typing does.</summary>
    public async Task FillAsync(string selector, string text)
    {
        await UntilAsync($"document.querySelector({Quote(selector)})");
        await EvaluateAsync(
            $"(() => {{ const e = document.querySelector({Quote(selector)}); e.focus(); e.value = {Quote(text)}; e.dispatchEvent(new Event('input', {{ bubbles: true }})); e.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()");
    }

    /// <summary>Presses a key where the focus is, for example <c>Enter</c>, <c>Tab</c>, <c>ArrowDown</c> or a letter.</summary>
    public async Task PressAsync(string key)
    {
        var text = key.Length == 1 ? key : key == "Enter" ? "\r" : null;
        var code = key switch { "Enter" => 13, "Tab" => 9, "Escape" => 27, "ArrowLeft" => 37, "ArrowUp" => 38, "ArrowRight" => 39, "ArrowDown" => 40, _ => key.Length == 1 ? char.ToUpperInvariant(key[0]) : 0 };
        var down = new JsonObject { ["type"] = text is null ? "rawKeyDown" : "keyDown", ["key"] = key, ["windowsVirtualKeyCode"] = code };
        if (text is not null)
        {
            down["text"] = text;
        }

        await SendAsync("Input.dispatchKeyEvent", down);
        await SendAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = "keyUp", ["key"] = key, ["windowsVirtualKeyCode"] = code });
    }

    /// <summary>Keeps a picture of the whole page as PNG.</summary>
    public async Task ScreenshotAsync(string path)
    {
        var answer = await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = true });
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllBytesAsync(path, answer.GetProperty("data").GetBytesFromBase64(), _cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() =>
        await _tools.SendAsync(null, "Target.disposeBrowserContext", new JsonObject { ["browserContextId"] = _context }, CancellationToken.None);

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private Task Expect()
    {
        _loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _loaded.Task;
    }

    private Task<JsonElement> SendAsync(string method, JsonObject? parameters = null) => _tools.SendAsync(_session, method, parameters, _cancellation);

    private void OnEvent(string method, JsonElement parameters)
    {
        switch (method)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Runtime.exceptionThrown":
                _errors.Enqueue(parameters.GetProperty("exceptionDetails").GetRawText());
                break;
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() == "error":
                _errors.Enqueue(parameters.GetProperty("entry").GetRawText());
                break;
            default:
                break;
        }
    }
}
