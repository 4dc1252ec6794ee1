using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Sqlite;
using DataPlatform.Orchestrator.Yaml;

namespace DataPlatform.Tools.Cli.Dags;

/// <summary><c>dp dag diff</c>: what differs between two versions of a DAG, from files, a store or one of each.</summary>
internal static class DagDiffCommand
{
    private const int RunsSearchedMax = RunQuery.LimitMax;

    public static Command Make()
    {
        var before = new Argument<string>("OLD") { Description = "A .yaml file; with --store also a version's hash or its beginning, run:NUMBER or current." };
        var after = new Argument<string>("NEW") { Description = "As OLD." };
        var store = new Option<string?>("--store") { Description = "The orchestrator's SQLite file that knows the versions." };
        var dagId = new Option<string?>("--dag") { Description = "The DAG, where a file has several or 'current' is meant." };
        return new Command("diff", "What differs between two versions of a DAG: settings, tasks and dependencies.") { before, after,
            store, dagId }
            .Runs(async (parsed, output, cancellationToken) =>
            {
                await using var opened = parsed.GetValue(store) is { } file
                    ? await SqliteOrchestratorStore.OpenReadOnlyAsync(file, cancellationToken: cancellationToken)
                    : null;
                var models = new List<string>();
                foreach (var side in new[] { parsed.GetValue(before)!, parsed.GetValue(after)! })
                {
                    models.Add(await ModelAsync(side, opened, parsed.GetValue(dagId), cancellationToken));
                }

                var difference = DagDiff.Between(models[0], models[1]);
                if (output.Json)
                {
                    CommandOutput.Document(JsonNode.Parse(difference.ToJson())!);
                }
                else
                {
                    output.Note(difference.ToText().TrimEnd());
                }
            });
    }

    private static async Task<string> ModelAsync(string side, SqliteOrchestratorStore? store, string? dagId,
        CancellationToken cancellationToken)
    {
        if (Path.GetExtension(side) is ".yaml" or ".yml")
        {
            var dags = (await DagCommands.ReadYamlAsync(side, DagCode.Unresolved, cancellationToken)).Where(dag => dagId is null || dag.Id == dagId).ToList();
            return dags.Count == 1
                ? dags[0].Model
                : throw new ArgumentException($"'{side}' has {dags.Count} such DAGs: name one with --dag.");
        }

        if (store is null)
        {
            throw new ArgumentException($"'{side}' is no .yaml file: name the store that knows this version with --store.");
        }

        var hash = side == "current"
            ? await CurrentAsync(store, dagId, cancellationToken)
            : side.StartsWith("run:", StringComparison.Ordinal)
                ? await OfRunAsync(store, side[4..], cancellationToken)
                : await WholeHashAsync(store, side, cancellationToken);
        return await store.FindModelAsync(hash, cancellationToken) ?? throw new ArgumentException($"The store has no version '{hash}'.");
    }

    private static async Task<string> CurrentAsync(SqliteOrchestratorStore store, string? dagId, CancellationToken cancellationToken) =>
        (await store.ListDagsAsync(cancellationToken)).FirstOrDefault(dag => dag.Id == dagId)?.Hash
        ?? throw new ArgumentException($"'current' needs --dag with a DAG that the store knows, not '{dagId}'.");

    private static async Task<string> OfRunAsync(SqliteOrchestratorStore store, string number, CancellationToken cancellationToken) =>
        long.TryParse(number, CultureInfo.InvariantCulture, out var runId) && await store.FindRunAsync(runId, cancellationToken) is { } run
            ? run.DagHash
            : throw new ArgumentException($"The store has no run '{number}'.");

    /// <summary>Versions are found by the beginning of their hash among those that are current and those of the latest runs.</summary>
    private static async Task<string> WholeHashAsync(SqliteOrchestratorStore store, string start, CancellationToken cancellationToken)
    {
        var runs = await store.ListRunsAsync(new RunQuery { Limit = RunsSearchedMax }, cancellationToken);
        List<string> found =
        [
            .. (await store.ListDagsAsync(cancellationToken)).Select(dag => dag.Hash).Concat(runs.Select(run => run.DagHash)).Distinct()
                .Where(hash => hash.StartsWith(start, StringComparison.Ordinal)),
        ];
        return found.Count switch
        {
            0 => start,
            1 => found[0],
            _ => throw new ArgumentException($"'{start}' begins {found.Count} hashes: give more of it."),
        };
    }
}
