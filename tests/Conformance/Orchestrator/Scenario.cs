using System.Globalization;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Conformance.Orchestrator;

/// <summary>Plays a scenario on a whole engine with a fake clock and an in-memory store, and compares what the store says.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    private readonly InMemoryOrchestratorStore _store = new();
    private readonly FakeTimeProvider _time;
    private readonly DatasetFeed _feed = new();
    private readonly ScenarioDag _dag;
    private OrchestratorEngine _engine;

    private Scenario(JsonElement data)
    {
        _time = new FakeTimeProvider(Instant(data.TryGetProperty("now", out var now) ? now.GetString()! : "2026-01-05T12:03:00Z"));
        _dag = new ScenarioDag(data.GetProperty("dag"));
        _engine = NewEngine();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<string?> DifferenceAsync(Case item)
    {
        await using var scenario = new Scenario(item.Data);
        await scenario._engine.StartAsync(Token);
        foreach (var step in item.Data.GetProperty("steps").EnumerateArray())
        {
            await scenario.SettleAsync();
            await scenario.PlayAsync(step.EnumerateObject().Single());
        }

        await scenario.SettleAsync();
        var actual = await ScenarioReport.MakeAsync(scenario._store, item.Data.GetProperty("expect").GetProperty("runs"));
        var expected = ScenarioReport.Expected(item.Data.GetProperty("expect").GetProperty("runs"));
        return expected == actual ? null : $"\n    expected {expected}\n    got      {actual}";
    }

    public static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _dag.ReleaseAll();
        await _engine.DisposeAsync();
    }

    private OrchestratorEngine NewEngine() => new(
        _store, [_dag.Build()], options: new OrchestratorOptions { Pools = { ["small"] = 2, ["one"] = 1 } }, feed: _feed, time: _time);

    /// <summary>Until nothing more happens while the clock stands still: what the body of a held task waits for is a step of the
    /// scenario.</summary>
    private async Task SettleAsync()
    {
        for (var quiet = 0; quiet < 20;)
        {
            var busy = await _engine.PassAsync(Token) - _dag.Holding;
            quiet = busy > 0 ? 0 : quiet + 1;
            await Task.Yield();
        }
    }

    private async Task PlayAsync(JsonProperty step)
    {
        var value = step.Value;
        switch (step.Name)
        {
            case "trigger":
                await _engine.TriggerAsync("d", logicalDate: value.ValueKind == JsonValueKind.String ? Instant(value.GetString()!) : null,
                    cancellationToken: Token);
                break;
            case "advance":
                _time.Advance(TimeSpan.Parse(value.GetString()!, CultureInfo.InvariantCulture));
                break;
            case "publish":
                await PublishAsync(new DatasetVersion(new DatasetId(value[0].GetString()!), value[1].GetInt64()));
                break;
            case "clear":
                await _engine.ClearAsync(value.GetProperty("run").GetInt64(), ClearOf(value), Token);
                break;
            case "mark":
                await _engine.MarkAsync(
                    value.GetProperty("run").GetInt64(), value.GetProperty("task").GetString()!,
                        Enum.Parse<TaskState>(value.GetProperty("state").GetString()!), cancellationToken: Token);
                break;
            case "backfill":
                await _engine.BackfillAsync("d", BackfillOf(value), Token);
                break;
            case "pause":
                await _engine.PauseAsync("d", Token);
                break;
            case "resume":
                await _engine.ResumeAsync("d", Token);
                break;
            case "release":
                _dag.Release(value.GetString()!);
                break;
            case "restart":
                _dag.ReleaseAll();
                await _engine.DisposeAsync();
                _engine = NewEngine();
                await _engine.StartAsync(Token);
                break;
            default:
                throw new InvalidOperationException($"'{step.Name}' is no step.");
        }
    }

    /// <summary>Announces a version and waits until the engine has heard of it: its feed is listened to beside the loop.</summary>
    private async Task PublishAsync(DatasetVersion version)
    {
        _feed.Publish(version);
        while (!(await _store.LoadUnfinishedAsync(null, Token)).Datasets
            .Any(progress => progress.Dataset == version.Dataset && progress.SeenVersion >= version.Version))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }
    }

    private static ClearRequest ClearOf(JsonElement value) => new()
    {
        TaskIds = value.TryGetProperty("tasks", out var tasks) ? [.. tasks.EnumerateArray().Select(task => task.GetString()!)] : null,
        MapIndex = value.TryGetProperty("map", out var map) ? map.GetInt32() : null,
        IncludesDownstream = !value.TryGetProperty("downstream", out var downstream) || downstream.GetBoolean(),
        OnlyFailed = value.TryGetProperty("onlyFailed", out var onlyFailed) && onlyFailed.GetBoolean(),
    };

    private static BackfillRequest BackfillOf(JsonElement value) => new()
    {
        From = Instant(value.GetProperty("from").GetString()!),
        To = Instant(value.GetProperty("to").GetString()!),
        MaxActiveRuns = value.TryGetProperty("active", out var active) ? active.GetInt32() : 1,
        IsReverse = value.TryGetProperty("reverse", out var reverse) && reverse.GetBoolean(),
        Reprocess = value.TryGetProperty("reprocess", out var reprocess) ? Enum.Parse<ReprocessMode>(reprocess.GetString()!)
            : ReprocessMode.None,
    };
}
