using DataPlatform.TestKit.Browser;
using DataPlatform.TestKit.Suites;

namespace DataPlatform.EndToEnd.QualityPages;

/// <summary>A person at a page of a demo company.</summary>
internal sealed record Visit(DemoQuality Demo, Uri Root, BrowserPage Page) : IAsyncDisposable
{
    /// <summary>Goes to a page, from the mount on, and waits until it follows what happens where it does.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GoAsync(Root + path);
        await Page.UntilAsync("document.readyState === 'complete'");
    }

    /// <summary>Waits until the page's stream is open.</summary>
    public Task FollowsAsync() => Page.UntilAsync("document.documentElement.dataset.connected === 'yes'");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Page.DisposeAsync();
        await Demo.DisposeAsync();
    }
}
