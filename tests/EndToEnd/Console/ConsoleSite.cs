using System.Diagnostics;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.EndToEnd.Console;

/// <summary>The orchestrator with its pages on a real port, over a SQLite file, under a base path.</summary>
internal sealed class ConsoleSite : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly WebApplication _host;
    private readonly SqliteOrchestratorStore _store;

    private ConsoleSite(string folder, WebApplication host, SqliteOrchestratorStore store, OrchestratorEngine engine, DemoDags dags, DatasetFeed feed)
    {
        _folder = folder;
        _host = host;
        _store = store;
        Engine = engine;
        Dags = dags;
        Feed = feed;
    }

    public OrchestratorEngine Engine { get; }

    public DemoDags Dags { get; }

    public DatasetFeed Feed { get; }

    public IOrchestratorStore Store => _store;

    /// <summary>Where the first page is; ends with a slash.</summary>
    public string Root => _host.Urls.Single() + "/base/dags/";

    /// <summary>Starts a site.</summary>
    /// <param name="access">Who may enter; null: this machine.</param>
    /// <param name="configure">Further services of the host.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ConsoleSite> StartAsync(
        CancellationToken cancellationToken, ConsoleAccess? access = null, Action<WebApplicationBuilder>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("dp-console-").FullName;
        var store = await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: cancellationToken);

        // An earlier version is registered first, so that there is something to compare.
        await store.RegisterAsync([DemoDags.Mart("0")], DateTimeOffset.UnixEpoch.AddYears(55), cancellationToken);
        var options = new OrchestratorOptions { Logs = new TaskLogs(new InMemoryObjectStore()) };
        options.Pools["narrow"] = 1;
        var (dags, feed) = (new DemoDags(), new DatasetFeed());
        var engine = new OrchestratorEngine(store, dags.All, options: options, feed: feed);
        await engine.StartAsync(cancellationToken);
        await ScheduledRunsAsync(store, cancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure?.Invoke(builder);
        var host = builder.Build();
        host.UsePathBase("/base");
        host.UseRouting();
        if (access is not null)
        {
            host.UseAuthentication();
            host.UseAuthorization();
        }

        host.MapOrchestrator("/dags", engine, access);
        await host.StartAsync(cancellationToken);
        return new ConsoleSite(folder, host, store, engine, dags, feed);
    }

    /// <summary>Runs a DAG to its end.</summary>
    public async Task<DagRun> RunAsync(string dagId, CancellationToken cancellationToken) =>
        await Engine.WaitForRunAsync(await Engine.TriggerAsync(dagId, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>The runs that clocks make at the start are there before those that tests make: the newest run is a test's own.</summary>
    private static async Task ScheduledRunsAsync(SqliteOrchestratorStore store, CancellationToken cancellationToken)
    {
        foreach (var dag in (string[])["mart", "daily", "held"])
        {
            await UntilAsync(async () => (await store.ListRunsAsync(new RunQuery { DagId = dag }, cancellationToken)).Count > 0, cancellationToken);
        }
    }

    /// <summary>Waits until something holds of the store: for far longer than a loaded machine needs, and not for ever.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); !await holds();)
        {
            if (Stopwatch.GetElapsedTime(began) > WaitMax)
            {
                throw new TimeoutException($"It did not hold within {WaitMax}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Dags.Release();
        await _host.DisposeAsync();
        await Engine.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
