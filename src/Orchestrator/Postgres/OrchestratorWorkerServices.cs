using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Lets a host of any kind run tries of tasks that are written in C#, beside what else it does.</summary>
public static class OrchestratorWorkerServices
{
    /// <summary>Adds a <see cref="RemoteWorker"/> that starts and stops with the host.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Says where the schedulers' store is and which DAGs' code the process has.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">No connection string was given.</exception>
    public static IServiceCollection AddOrchestratorWorker(this IServiceCollection services, Action<OrchestratorWorkerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new OrchestratorWorkerOptions();
        configure(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ConnectionString, nameof(configure));

        // Not AddHostedService: that takes one of a kind, and a process may serve several queues.
        return services.AddSingleton<IHostedService>(provider => new OrchestratorWorkerService(options, provider));
    }
}
