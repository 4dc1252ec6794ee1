using DataPlatform.EndToEnd.Console;
using DataPlatform.TestKit.Browser;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace DataPlatform.EndToEnd.Console;

/// <summary>One browser for all tests; each test has a site and pages of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private Chromium? _browser;
    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            System.Console.Error.WriteLine(Chromium.Missing);
            return;
        }

        _browser = await Chromium.StartAsync(CancellationToken.None);
    }

    /// <summary>A page in a fresh profile; skips the test loudly where there is no browser.</summary>
    internal async Task<BrowserPage> OpenAsync(int width = 1400, int height = 900, bool isDark = false)
    {
        Assert.SkipWhen(_browser is null, Chromium.Missing);
        var page = await _browser!.OpenAsync(TestContext.Current.CancellationToken);
        await page.SizeAsync(width, height, isDark);
        return page;
    }

    /// <summary>Keeps a picture where <c>DP_SCREENSHOTS</c> names a folder.</summary>
    internal static async Task KeepAsync(BrowserPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("DP_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(Path.Combine(folder, name + ".png"));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }
}
