using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Orchestrator.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Tools.Cli.Dags;

/// <summary>
/// <c>dp dag serve</c>: a whole orchestrator in one process, with its pages, over DAGs in YAML; or only the pages, beside the process that
/// schedules.
/// </summary>
internal static class DagServeCommand
{
    private const int UsualPort = 8474;

    private static readonly Argument<string> Store = new("STORE")
    {
        Description = "A SQLite file, made where there is none, or a PostgreSQL connection string with Host=.",
    };

    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Files of DAGs in YAML that this process schedules and runs; with none it shows and steers what another process runs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Logs = new("--logs")
    {
        Description = "The folder for the logs of tries; beside a SQLite file STORE.logs unless said otherwise.",
    };

    private static readonly Option<string[]> Pools = new("--pool")
    {
        Description = "A pool that tasks take slots of, as name=slots or name=slots:what it is for; may be given again. What is set on the pages goes before.",
    };

    private static readonly Option<string> Schema = new("--schema")
    {
        Description = "The orchestrator's schema in PostgreSQL.",
        DefaultValueFactory = _ => "orchestrator",
    };

    private static readonly Option<double> WorkerTimeout = new("--worker-timeout")
    {
        Description = "Seconds of silence after which a worker of the executor 'remote' (PostgreSQL only) loses its tries; the same as theirs.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<int> Port = LocalSite.PortOption(UsualPort);

    /// <summary>The command.</summary>
    public static Command Make() => new Command("serve", "Runs DAGs in YAML and shows them as pages. Only callers on this machine are served.")
    {
        Store, Files, SqlSources.Option, Logs, Pools, Schema, WorkerTimeout, Port,
    }.Runs(ServeAsync);

    private static async Task ServeAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        await using var databases = SqlSources.Of(parsed.GetValue(SqlSources.Option) ?? []);
        List<Dag> dags = [];
        foreach (var file in parsed.GetValue(Files)!)
        {
            dags.AddRange(await DagCommands.ReadYamlAsync(file, databases.Code, cancellationToken));
        }

        var place = parsed.GetValue(Store)!;
        var isPostgres = place.Contains("Host=", StringComparison.OrdinalIgnoreCase);
        var folder = parsed.GetValue(Logs) ?? (isPostgres ? null : place + ".logs");
        var options = new OrchestratorOptions
        {
            IsScheduler = dags.Count > 0,
            Logs = folder is null ? null : new TaskLogs(new LocalObjectStore(folder)),
        };
        AddPools(options, parsed.GetValue(Pools) ?? []);
        var silence = Seconds.Of("--worker-timeout", parsed.GetValue(WorkerTimeout), allowsZero: false);
        await using var store = await OpenAsync(parsed, place, isPostgres, cancellationToken);
        await using var remote = store is PostgresOrchestratorStore postgres && dags.Count > 0
            ? new RemoteExecutor(postgres, new RemoteExecutorOptions { WorkerTimeout = silence })
            : null;
        IExecutor[] more = remote is null ? [new InProcessExecutor()] : [new InProcessExecutor(), remote];
        await using var engine = new OrchestratorEngine(store, dags, new SubprocessExecutor(), options, moreExecutors: more);
        await engine.StartAsync(cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopped = StopWithAsync(engine, end);
        await LocalSite.ServeAsync(
            parsed.GetValue(Port),
            "/dags/",
            services => services.AddOrchestratorApi(),
            site =>
            {
                site.MapGet("/", () => Results.LocalRedirect("/dags/"));
                site.MapOrchestrator("/dags", engine);
            },
            output,
            [("schedules", dags.Count == 0 ? "nothing: another process does" : string.Join(", ", dags.Select(dag => dag.Id))), ("logs", folder)],
            end.Token);
        await end.CancelAsync();
        await stopped;
        if (engine.Fault is { } fault)
        {
            throw new CommandException(ErrorKind.Unavailable, $"Nothing is scheduled any more: {fault.Message}", fault);
        }
    }

    /// <summary>Pages without a scheduler behind them would look as if all were well: whoever watches this process starts it again.</summary>
    private static async Task StopWithAsync(OrchestratorEngine engine, CancellationTokenSource end)
    {
        try
        {
            await engine.StoppedAsync(end.Token);
            await end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The site ended first.
        }
    }

    private static void AddPools(OrchestratorOptions options, string[] pools)
    {
        foreach (var text in pools)
        {
            var (name, said) = Cut(text, '=');
            var (number, description) = Cut(said ?? string.Empty, ':');
            options.Pools[name] = name.Length > 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var slots)
                ? slots
                : throw new ArgumentException($"--pool takes name=slots, for example db=4, or name=slots:what it is for, not '{text}'.");
            if (description is not null)
            {
                options.PoolDescriptions[name] = description;
            }
        }
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var place ? (text[..place], text[(place + 1)..]) : (text, null);

    private static async ValueTask<IOrchestratorStore> OpenAsync(
        ParseResult parsed, string place, bool isPostgres, CancellationToken cancellationToken) => isPostgres
        ? await PostgresOrchestratorStore.OpenAsync(
            place, new PostgresOrchestratorOptions { Schema = parsed.GetValue(Schema)! }, cancellationToken)
        : await SqliteOrchestratorStore.OpenAsync(place, cancellationToken: cancellationToken);
}
