using DataPlatform.EndToEnd.QualityPages;
using DataPlatform.TestKit.Browser;
using DataPlatform.TestKit.Suites;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace DataPlatform.EndToEnd.QualityPages;

/// <summary>One browser for all tests; each test has a demo company and pages of its own.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private Chromium? _browser;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            Console.Error.WriteLine(Chromium.Missing);
            return;
        }

        _browser = await Chromium.StartAsync(CancellationToken.None);
    }

    /// <summary>A site and a page on it; skips the test loudly where there is no browser.</summary>
    internal async Task<Visit> OpenAsync(int width = 1400, int height = 900, bool isDark = false)
    {
        Assert.SkipWhen(_browser is null, Chromium.Missing);
        var demo = await DemoQuality.MakeAsync(TestContext.Current.CancellationToken);
        var root = await demo.ServeAsync();
        var page = await _browser!.OpenAsync(TestContext.Current.CancellationToken);
        await page.SizeAsync(width, height, isDark);
        return new Visit(demo, root, page);
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
