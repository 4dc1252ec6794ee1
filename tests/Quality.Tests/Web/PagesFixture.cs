using DataPlatform.TestKit.Suites;

namespace DataPlatform.Quality.Tests.Web;

/// <summary>The pages of a demo company, made and served once for a test class.</summary>
public sealed class PagesFixture : IAsyncLifetime
{
    internal DemoQuality Demo { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    /// <summary>Links that were followed already: pages share most of theirs.</summary>
    internal HashSet<Uri> Followed { get; } = [];

    public async ValueTask InitializeAsync()
    {
        Demo = await DemoQuality.MakeAsync(TestContext.Current.CancellationToken);
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = await Demo.ServeAsync() };
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Demo is not null)
        {
            await Demo.DisposeAsync();
        }
    }
}
