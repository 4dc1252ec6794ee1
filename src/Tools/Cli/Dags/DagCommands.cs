using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Quartz;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Orchestrator.Yaml;

namespace DataPlatform.Tools.Cli.Dags;

/// <summary><c>dp dag</c>: looks into an orchestrator's store, also beside a running engine.</summary>
internal static class DagCommands
{
    private static readonly Argument<string> Store = new("STORE") { Description = "The orchestrator's SQLite file." };

    /// <summary>The group.</summary>
    public static Command Group => new("dag", "Looks into DAGs and their runs, and runs them.")
    {
        List(), Runs(), Tasks(), Plan(), Check(), Schema(), DagDiffCommand.Make(), DagServeCommand.Make(),
    };

    private static Command List() => new Command("list", "The DAGs that a store knows.") { Store }
        .Runs(async (parsed, output, cancellationToken) =>
        {
            await using var store = await OpenAsync(parsed, cancellationToken);
            output.Rows(
                ["dag", "paused", "schedule", "lastFire", "hash"],
                (await store.ListDagsAsync(cancellationToken)).Select(dag => (IReadOnlyList<object?>)
                    [dag.Id, dag.IsPaused ? "yes" : "no", TimetableOf(dag), dag.LastFire?.RunAfter, dag.Hash[..12]]));
        });

    private static Command Runs()
    {
        var dagId = new Option<string?>("--dag") { Description = "Only runs of this DAG." };
        var limit = new Option<int>("--limit") { Description = "How many runs, newest first.", DefaultValueFactory = _ => 20 };
        return new Command("runs", "Runs, newest first.") { Store, dagId, limit }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                await using var store = await OpenAsync(parsed, cancellationToken);
                if (parsed.GetValue(dagId) is { } wanted && await store.ListDagsAsync(cancellationToken) is var known && known.All(dag => dag.Id != wanted))
                {
                    throw Unknown(parsed.GetValue(Store)!, wanted, known.Select(dag => dag.Id));
                }

                var runs = await store.ListRunsAsync(new RunQuery { DagId = parsed.GetValue(dagId), Limit = parsed.GetValue(limit) },
                    cancellationToken);
                output.Rows(
                    ["run", "dag", "state", "kind", "started", "seconds", "versions"],
                    runs.Select(run => (IReadOnlyList<object?>)
                        [run.Id, run.DagId, run.State.ToString(), run.Kind.ToString(), run.StartedAt,
                            (run.EndedAt - run.StartedAt)?.TotalSeconds, string.Join(", ", run.TriggeringVersions)]));
            });
    }

    private static Command Tasks()
    {
        var run = new Argument<long>("RUN") { Description = "The run's number." };
        return new Command("tasks", "The task instances of a run.") { Store, run }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                await using var store = await OpenAsync(parsed, cancellationToken);
                var runId = parsed.GetValue(run);
                var instances = await store.FindRunAsync(runId, cancellationToken) is null
                    ? throw new ArgumentException($"'{parsed.GetValue(Store)}' knows no run {runId}.")
                    : await store.ListTaskInstancesAsync(runId, cancellationToken);
                output.Rows(
                    ["task", "index", "state", "try", "ready", "started", "seconds", "note"],
                    instances.Select(task => (IReadOnlyList<object?>)
                        [task.TaskId, task.Key.MapIndex < 0 ? null : (long)task.Key.MapIndex, task.State.ToString(), (long)task.Try, task.ReadyAt, task.StartedAt,
                            (task.EndedAt - task.StartedAt)?.TotalSeconds, task.Note]));
            });
    }

    private static Command Plan()
    {
        var source = new Argument<string>("STORE") { Description = "The orchestrator's SQLite file, or a .yaml file of DAGs." };
        var dagId = new Argument<string>("DAG") { Description = "The DAG." };
        var count = new Option<int>("--count") { Description = "How many fires.", DefaultValueFactory = _ => 10 };
        var from = new Option<string?>("--from") { Description = "The instant to plan from, for example 2026-03-28T00:00:00Z; default: now." };
        return new Command("plan", "When a DAG will fire, with notes on clock changes.") { source, dagId, count, from }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                var timetable = await TimetableAsync(parsed.GetValue(source)!, parsed.GetValue(dagId)!, cancellationToken);
                var start = parsed.GetValue(from) is { } text ? InstantOf(text) : TimeProvider.System.GetUtcNow();
                output.Rows(
                    ["fires", "local", "intervalStart", "intervalEnd", "note"],
                    TimetablePlan.Next(timetable, start, parsed.GetValue(count)).Select(fire => (IReadOnlyList<object?>)
                        [fire.Fire.RunAfter, fire.Local.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture),
                            fire.Fire.Interval.Start, fire.Fire.Interval.End, fire.Note]));
            });
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("FILE") { Description = "Files of DAGs in YAML.", Arity = ArgumentArity.OneOrMore };
        return new Command("check", "Reads DAGs in YAML and says what is wrong with them, by line and column.") { files }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                List<Dag> dags = [];
                foreach (var file in parsed.GetValue(files)!)
                {
                    dags.AddRange(await ReadYamlAsync(file, DagCode.Unresolved, cancellationToken));
                }

                if (dags.CountBy(dag => dag.Id).FirstOrDefault(entry => entry.Value > 1) is { Value: > 1, Key: var twice })
                {
                    throw new ArgumentException($"DAG '{twice}' stands {dags.Count(dag => dag.Id == twice)} times in these files: each DAG has a name of its own.");
                }

                output.Rows(
                    ["dag", "schedule", "tasks", "hash"],
                    dags.Select(dag => (IReadOnlyList<object?>)
                        [dag.Id, dag.Datasets?.ToString() ?? dag.Timetable.Summary, dag.Tasks.Count, dag.Hash[..12]]));
            });
    }

    private static Command Schema() => new Command("schema", "The JSON schema of DAGs in YAML, for editors.")
        .Runs((_, _, _) =>
        {
            CommandOutput.Document(DagYaml.Schema());
            return Task.CompletedTask;
        });

    private static async Task<ITimetable> TimetableAsync(string source, string dagId, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(source) is ".yaml" or ".yml")
        {
            var read = await ReadYamlAsync(source, DagCode.Unresolved, cancellationToken);
            var found = read.FirstOrDefault(dag => dag.Id == dagId) ?? throw Unknown(source, dagId, read.Select(dag => dag.Id));
            return found.Timetable.FiresByClock ? found.Timetable : throw NoTimetable(dagId);
        }

        QuartzTimetable.Register();
        await using var store = await SqliteOrchestratorStore.OpenReadOnlyAsync(source, cancellationToken: cancellationToken);
        var dags = await store.ListDagsAsync(cancellationToken);
        var dag = dags.FirstOrDefault(known => known.Id == dagId) ?? throw Unknown(source, dagId, dags.Select(known => known.Id));
        return Timetable.Parse(TimetableOf(dag) ?? throw NoTimetable(dagId));
    }

    private static DateTimeOffset InstantOf(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new ArgumentException($"--from takes an instant such as 2026-03-28T00:00:00Z, not '{text}'.");

    private static ArgumentException Unknown(string source, string dagId, IEnumerable<string> known)
        => new($"'{source}' knows no DAG '{dagId}'; it knows {string.Join(", ", known)}.");

    private static ArgumentException NoTimetable(string dagId) =>
        new($"DAG '{dagId}' has no timetable: it is started by datasets or by hand.");

    internal static async Task<IReadOnlyList<Dag>> ReadYamlAsync(string file, DagCode code, CancellationToken cancellationToken) => File.Exists(file)
        ? DagYaml.Read(await File.ReadAllTextAsync(file, cancellationToken), code, file)
        : throw new ArgumentException($"There is no file '{file}'.");

    private static string? TimetableOf(DagRecord dag)
    {
        using var model = JsonDocument.Parse(dag.Model);
        return model.RootElement.TryGetProperty("timetable", out var timetable) && timetable.ValueKind == JsonValueKind.String
            ? timetable.GetString() : null;
    }

    private static async Task<SqliteOrchestratorStore> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
        => await SqliteOrchestratorStore.OpenReadOnlyAsync(parsed.GetValue(Store)!, cancellationToken: cancellationToken);
}
