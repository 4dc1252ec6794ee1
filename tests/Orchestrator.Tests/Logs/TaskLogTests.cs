using System.Text;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Logs;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Logs;

public sealed class TaskLogTests
{
    private static readonly TaskLogId Id = new("d/ag", 7, "load.a", -1, 1);
    private readonly FakeTimeProvider _time = new(EngineHarness.Start);
    private readonly InMemoryObjectStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_try_has_a_log_that_ends_with_what_became_of_it()
    {
        var logs = new TaskLogs(_store, time: _time);
        var dag = new DagBuilder("d").Task("a", (context, _) =>
        {
            context.Log($"try {context.Try}\nsecond line");
            return context.Try == 1 ? throw new TaskFailedException("as told") : Task.CompletedTask;
        }, t => t.Retries(1, Backoff.Constant(TimeSpan.FromMilliseconds(1)))).Build();
        await using var engine = await EngineHarness.StartAsync([dag], time: _time, options: new OrchestratorOptions { Logs = logs });
        var ended = engine.RunAsync("d");
        while (!ended.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        var run = await ended;

        string[] first = await LinesAsync(logs, new TaskLogId("d", run.Id, "a", -1, 1)), second = await LinesAsync(logs, new TaskLogId("d", run.Id, "a", -1, 2));
        Assert.Equal(["try 1", "second line", "Failed: as told"], first.Select(Text));
        Assert.Equal(["try 2", "second line"], second.Select(Text));
        Assert.Matches(@"^2026-01-05T\d\d:\d\d:\d\d\.\d{3}Z try 1$", first[0]);
        Assert.True(await logs.RemoveAsync("d", run.Id, Token) >= 2);
        Assert.Empty(await LinesAsync(logs, new TaskLogId("d", run.Id, "a", -1, 2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Readers_see_every_line_once_whatever_is_in_the_store_already(int seed)
    {
        var logs = new TaskLogs(_store, new TaskLogOptions { PartBytes = 200, BytesMax = 1_000_000 }, _time);
        var log = logs.Open(Id);
        var following = Task.Run(() => FollowedAsync(logs), Token);
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            log.Write($"line {i} {new string('x', random.Next(40))}");
            if (random.Next(10) == 0)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            if (random.Next(25) == 0)
            {
                Assert.Equal(Enumerable.Range(0, i + 1), (await LinesAsync(logs, Id)).Select(Number));
            }
        }

        await log.CompleteAsync();

        Assert.Equal(Enumerable.Range(0, 500), (await LinesAsync(new TaskLogs(_store), Id)).Select(Number));
        Assert.Equal(Enumerable.Range(0, 500), (await following).Select(Number));
    }

    [Fact]
    public async Task A_log_has_a_limit_and_says_how_much_it_left_out()
    {
        var logs = new TaskLogs(_store, new TaskLogOptions { PartBytes = 100, BytesMax = 1_000 }, _time);
        var log = logs.Open(Id);
        for (var i = 0; i < 100; i++)
        {
            log.Write($"line {i}");
        }

        await log.CompleteAsync();
        log.Write("after the end");

        var lines = await LinesAsync(logs, Id);
        Assert.Equal($"... {100 - (lines.Length - 1)} more lines are left out: a log has at most 1000 bytes", lines[^1]);
        Assert.InRange(lines.Sum(l => l.Length + 1), 700, 1_000);
    }

    [Fact]
    public async Task A_store_that_fails_loses_no_line_and_fails_no_task()
    {
        var store = new FailingStore(_store, failures: 2);
        var logs = new TaskLogs(store, time: _time);
        var log = logs.Open(Id);
        for (var i = 0; i < 3; i++)
        {
            log.Write($"line {i}");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await log.CompleteAsync();

        Assert.Equal([0, 1, 2], (await LinesAsync(new TaskLogs(_store), Id)).Select(Number));
    }

    private static string Text(string line) => line[25..];

    private static int Number(string line) => int.Parse(Text(line).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string[]> LinesAsync(TaskLogs logs, TaskLogId id) => Lines(await logs.ReadAsync(id, Token).ToListAsync(Token));

    private static async Task<string[]> FollowedAsync(TaskLogs logs) => Lines(await logs.FollowAsync(Id, Token).ToListAsync(Token));

    private static string[] Lines(List<ReadOnlyMemory<byte>> pieces)
        => string.Concat(pieces.Select(p => Encoding.UTF8.GetString(p.Span))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
