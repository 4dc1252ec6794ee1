using DataPlatform.Orchestrator.Execution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>A worker as part of a host.</summary>
internal sealed class OrchestratorWorkerService(OrchestratorWorkerOptions options, IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private PostgresOrchestratorStore? _store;
    private RemoteWorker? _worker;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var loggers = services.GetService<ILoggerFactory>();
        var time = services.GetService<TimeProvider>();
        var host = new TryHost(options.Dags(services), options.Executor, options.Logs, time, loggers, options.LargeXComs);
        _store = await PostgresOrchestratorStore.OpenAsync(options.ConnectionString, options.Store, cancellationToken).ConfigureAwait(false);
        _worker = new RemoteWorker(_store, host, options.Worker, loggers);
        await _worker.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets tries end for as long as the worker's options say; the host's own time limit for stopping must be longer.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_worker is { } worker)
        {
            await worker.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is { } worker)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }

        if (_store is { } store)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }
    }
}
