using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>What users write may throw, lie or hang: it harms its own DAG and nobody else's.</summary>
public sealed class OutsideCodeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Dag Good => new DagBuilder("good").Schedule(Timetable.Cron("* * * * *")).Task("a", (_, _) => Task.CompletedTask).Build();

    public static TheoryData<string, string> Faults => new()
    {
        { "throws", "InvalidOperationException: the calendar is gone" },
        { "past", "it does not advance" },
        { "same", "it does not advance" },
        { "dense", "fires twice within a millisecond" },
        { "backwards", "ends before it starts" },
        { "endless", "asked 10000 times" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Timetable_that_fails_takes_away_its_dags_schedule_only_and_is_asked_again(string how, string reason)
    {
        var isBroken = false;
        var time = new FakeTimeProvider(EngineHarness.Start);
        var timetable = new OutsideTimetable(instant => !isBroken ? OutsideTimetable.At(instant.AddHours(1)) : how switch
        {
            "throws" => throw new InvalidOperationException("the calendar is gone"),
            "past" => OutsideTimetable.At(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            "same" => OutsideTimetable.At(instant),
            "dense" => OutsideTimetable.At(instant.AddMicroseconds(1)),
            "backwards" => OutsideTimetable.At(instant.AddHours(1)) with { Interval = new DataInterval(instant.AddHours(1), instant) },
            _ => OutsideTimetable.At(instant.AddSeconds(1)) with { Interval = DataInterval.At(DateTimeOffset.UnixEpoch) },
        });
        var start = how == "endless" ? EngineHarness.Start : (DateTimeOffset?)null;
        var bad = new DagBuilder("bad").Schedule(timetable, catchup: true, start).Task("a", (_, _) => Task.CompletedTask).Build();
        var told = new ConcurrentQueue<OrchestratorEvent>();
        var options = new OrchestratorOptions { Notifiers = { Told(told) } };
        var store = new InMemoryOrchestratorStore();
        if (how == "dense")
        {
            // It has fired before: two of its fires are too near one another.
            await using var before = await EngineHarness.StartAsync([bad], store, time, options);
            await EngineHarness.UntilAsync(async () => await MovedAsync(before, () => before.RunsAsync("bad"), runs => runs.Count > 0));
        }

        isBroken = true;
        await using var engine = await EngineHarness.StartAsync([bad, Good], store, time, options);
        var fault = await EngineHarness.UntilAsync(async () => (await HeadAsync(engine, "bad")).ScheduleFault);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        await EngineHarness.UntilAsync(() => Task.FromResult(told.FirstOrDefault(
            happening => happening is { Kind: OrchestratorEventKind.ScheduleFailed, DagId: "bad" } && happening.Note == fault.Reason)));

        // The other DAG's schedule goes on, and the DAG itself runs by hand.
        await EngineHarness.UntilAsync(async () => await MovedAsync(engine, () => engine.RunsAsync("good"), runs => runs.Count >= 2));
        Assert.Equal(DagRunState.Success, (await engine.RunAsync("bad")).State);

        var manual = (await engine.RunsAsync("bad")).Count;
        isBroken = false;
        await EngineHarness.UntilAsync(async () => await MovedAsync(engine, () => engine.RunsAsync("bad"), runs => runs.Count > manual));
        Assert.Null((await HeadAsync(engine, "bad")).ScheduleFault);
    }

    [Fact]
    public async Task Timetable_that_hangs_is_given_up_and_not_asked_again_before_it_has_answered()
    {
        var gate = new ManualResetEventSlim();
        var timetable = new OutsideTimetable(instant =>
        {
            gate.Wait(Token);
            return OutsideTimetable.At(instant.AddHours(1));
        });
        var built = new OutsideTimetable(instant => OutsideTimetable.At(instant.AddHours(1)));
        var bad = Rescheduled(built, timetable);
        await using var engine = await EngineHarness.StartAsync(
            [bad, Good], options: new OrchestratorOptions { TimetableTimeout = TimeSpan.FromMilliseconds(20) });

        var fault = await EngineHarness.UntilAsync(async () => (await HeadAsync(engine, "bad")).ScheduleFault);
        Assert.Contains("did not answer within", fault.Reason, StringComparison.Ordinal);
        await EngineHarness.UntilAsync(async () => await MovedAsync(engine, () => engine.RunsAsync("good"), runs => runs.Count >= 3));
        Assert.Equal(1, timetable.Asked);

        gate.Set();
        await EngineHarness.UntilAsync(async () => await MovedAsync(engine, () => engine.RunsAsync("bad"), runs => runs.Count >= 1));
        Assert.Null((await HeadAsync(engine, "bad")).ScheduleFault);
    }

    [Fact]
    public async Task Backfill_over_a_timetable_that_fails_is_refused_with_its_reason()
    {
        var isBroken = false;
        var timetable = new OutsideTimetable(instant => isBroken ? throw new NotSupportedException("no calendar") : OutsideTimetable.At(instant.AddHours(1)));
        await using var engine = await EngineHarness.StartAsync(
            [new DagBuilder("bad").Schedule(timetable).Task("a", (_, _) => Task.CompletedTask).Build(), Good]);
        isBroken = true;

        var refusal = await Assert.ThrowsAsync<TimetableException>(() => engine.Engine.BackfillAsync(
            "bad", new BackfillRequest { From = EngineHarness.Start.AddDays(-1), To = EngineHarness.Start }, Token));

        Assert.Contains("no calendar", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(DagRunState.Success, (await engine.RunAsync("good")).State);
    }

    /// <summary>A run of the version before goes on although its timetable is of a kind that nobody taught this program.</summary>
    [Fact]
    public async Task Run_of_a_version_with_an_unknown_timetable_goes_on()
    {
        var timetable = new OutsideTimetable(instant => OutsideTimetable.At(instant.AddHours(1)));
        var gate = new TaskCompletionSource();
        Dag Version(string version) => new DagBuilder("d").Version(version).Schedule(timetable)
            .Task("a", (_, token) => gate.Task.WaitAsync(token)).Task("b", (_, _) => Task.CompletedTask, task => task.After("a")).Build();
        var store = new InMemoryOrchestratorStore();
        long run;
        await using (var first = await EngineHarness.StartAsync([Version("1")], store))
        {
            run = await first.Engine.TriggerAsync("d", cancellationToken: Token);
            await first.UntilTaskAsync(run, "a", TaskState.Running);
        }

        gate.SetResult();
        await using var second = await EngineHarness.StartAsync([Version("2")], store);
        Assert.Equal(DagRunState.Success, (await second.Engine.WaitForRunAsync(run, Token)).State);
        var version = await second.Engine.FindVersionAsync((await store.FindRunAsync(run, Token))!.DagHash, Token);
        Assert.Contains("cannot read", version!.Timetable.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_version_of_one_run_keeps_no_other_dag_from_starting()
    {
        var store = new InMemoryOrchestratorStore();
        var hanging = new DagBuilder("bad").Version("1").Task("a", (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)).Build();
        await using (var first = await EngineHarness.StartAsync([hanging, Good], store))
        {
            var run = await first.Engine.TriggerAsync("bad", cancellationToken: Token);
            await first.UntilTaskAsync(run, "a", TaskState.Running);
        }

        store.Damage(hanging.Hash, """{"format":1,"id":"bad"}""");
        await using var second = await EngineHarness.StartAsync([new DagBuilder("bad").Version("2").Task("a", (_, _) => Task.CompletedTask).Build(), Good], store);

        Assert.Equal(DagRunState.Success, (await second.RunAsync("bad")).State);
        Assert.Equal(DagRunState.Success, (await second.RunAsync("good")).State);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("hangs")]
    [InlineData("blocks")]
    public async Task Notifier_that_fails_costs_its_own_events_only(string how)
    {
        var block = new ManualResetEventSlim();
        var bad = new DelegateNotifier((_, token) => how switch
        {
            "throws" => throw new InvalidOperationException("no"),
            "hangs" => new TaskCompletionSource().Task,
            _ => Block(block),
        });
        var told = new ConcurrentQueue<OrchestratorEvent>();
        var options = new OrchestratorOptions { Notifiers = { bad, Told(told) }, NotifierTimeout = TimeSpan.FromMilliseconds(1) };
        await using var engine = await EngineHarness.StartAsync([Good], options: options);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(DagRunState.Success, (await engine.RunAsync("good")).State);
        }

        await EngineHarness.UntilAsync(() => Task.FromResult(told.Count(e => e.Kind == OrchestratorEventKind.RunSucceeded) == 20 ? told : null));
        block.Set();
    }

    public static TheoryData<string> Answers => ["null", "kind", "json", "reference", "decision", "past", "blocks", "throws"];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Executor_that_answers_nonsense_fails_its_own_try_only(string how)
    {
        using var block = new ManualResetEventSlim();
        var executor = new OutsideExecutor(how switch
        {
            "null" => () => null!,
            "kind" => () => new TaskOutcome((TaskOutcomeKind)77),
            "json" => () => With("return_value", "{"),
            "reference" => () => With("return_value", """{"$xcom":{"path":7}}"""),
            "decision" => () => With("skip_decision", "[]"),
            "past" => () => new TaskOutcome(TaskOutcomeKind.Rescheduled) { WakeAfter = TimeSpan.FromSeconds(-1) },
            "blocks" => Block,
            _ => () => throw new InvalidOperationException("no"),
        });
        var bad = new DagBuilder("bad").Task("a", (_, _) => Task.FromResult(new[] { 1 }), task => task.Executor("outside"))
            .MapTask<int>("each", MapSource.Over("a"), (_, _, _) => Task.CompletedTask).Build();
        var engine = new OrchestratorEngine(
            new InMemoryOrchestratorStore(), [bad, Good], options: new OrchestratorOptions { InfrastructureRetriesMax = 1 },
            time: new FakeTimeProvider(EngineHarness.Start), moreExecutors: [executor]);
        await using (engine)
        {
            await engine.StartAsync(Token);
            var run = await engine.TriggerAsync("bad", cancellationToken: Token);
            var other = await engine.TriggerAsync("good", cancellationToken: Token);
            Assert.Equal(DagRunState.Success, (await engine.WaitForRunAsync(other, Token)).State);
            block.Set();
            Assert.Equal(DagRunState.Failed, (await engine.WaitForRunAsync(run, Token)).State);
        }

        TaskOutcome Block()
        {
            block.Wait(Token);
            return TaskOutcome.Success;
        }
    }

    [Fact]
    public async Task Cancellation_callback_that_throws_or_blocks_holds_up_no_other_dag()
    {
        using var block = new ManualResetEventSlim();
        var bad = new DagBuilder("bad").Task("a", async (_, token) =>
        {
            await using var first = token.Register(() => block.Wait(Token));
            await using var second = token.Register(() => throw new InvalidOperationException("no"));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }).Build();
        await using var engine = await EngineHarness.StartAsync([bad, Good]);
        var run = await engine.Engine.TriggerAsync("bad", cancellationToken: Token);
        await engine.UntilTaskAsync(run, "a", TaskState.Running);

        Assert.True(await engine.Engine.CancelRunAsync(run, Token));

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("good")).State);
        block.Set();
    }

    [Fact]
    public async Task Waits_beyond_the_calendar_end_with_it()
    {
        var bad = new DagBuilder("bad").RunTimeout(TimeSpan.MaxValue).Deadline(TimeSpan.MaxValue)
            .Task("a", (_, _) => throw new InvalidOperationException("no"), task => task.Retries(1, new Backoff(TimeSpan.MaxValue, 2, TimeSpan.MaxValue))).Build();
        await using var engine = await EngineHarness.StartAsync([bad, Good]);
        var run = await engine.Engine.TriggerAsync("bad", cancellationToken: Token);
        await engine.UntilTaskAsync(run, "a", TaskState.RetryWait);

        Assert.Equal(DagRunState.Success, (await engine.RunAsync("good")).State);
    }

    [Fact]
    public async Task Feed_that_breaks_is_followed_anew_and_what_it_did_not_tell_is_asked_for()
    {
        var feed = new BreakingFeed();
        var version = 0L;
        var dataset = new DatasetId("lake/x");
        var time = new FakeTimeProvider(EngineHarness.Start);
        var waits = new DagBuilder("waits").OnDataset(dataset).Task("a", (_, _) => Task.CompletedTask).Build();
        var options = new OrchestratorOptions
        {
            LatestVersion = (id, _) => Interlocked.Read(ref version) is > 0 and var latest
                ? ValueTask.FromResult<DatasetVersion?>(new DatasetVersion(id, latest))
                : throw new IOException("the lake does not answer"),
        };
        await using var engine = new OrchestratorEngine(new InMemoryOrchestratorStore(), [waits, Good], options: options, feed: feed, time: time);
        await engine.StartAsync(Token);
        Interlocked.Exchange(ref version, 3);

        await EngineHarness.UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await engine.Store.ListRunsAsync(new RunQuery { DagId = "waits" }, Token)).FirstOrDefault(run => run.State == DagRunState.Success);
        });
        await EngineHarness.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(feed.Followed >= 3 ? "anew" : null);
        });
    }

    [Fact]
    public async Task Logger_that_throws_stops_nothing()
    {
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new ThrowingProvider()));
        await using var engine = new OrchestratorEngine(
            new InMemoryOrchestratorStore(), [Good], time: new FakeTimeProvider(EngineHarness.Start), loggers: loggers);
        await engine.StartAsync(Token);

        var run = await engine.TriggerAsync("good", cancellationToken: Token);

        Assert.Equal(DagRunState.Success, (await engine.WaitForRunAsync(run, Token)).State);
    }

    private static TaskOutcome With(string name, string json) => TaskOutcome.Success with { XComs = new Dictionary<string, string> { [name] = json } };

    private static Task Block(ManualResetEventSlim block)
    {
        block.Wait(Token);
        return Task.CompletedTask;
    }

    /// <summary>A DAG is refused when its timetable fails as it is built, so it fails later.</summary>
    private static Dag Rescheduled(ITimetable built, ITimetable later)
    {
        var switching = new SwitchingTimetable(built);
        var dag = new DagBuilder("bad").Schedule(switching).Task("a", (_, _) => Task.CompletedTask).Build();
        switching.Inner = later;
        return dag;
    }

    private static DelegateNotifier Told(ConcurrentQueue<OrchestratorEvent> told) => new((happening, _) =>
    {
        told.Enqueue(happening);
        return Task.CompletedTask;
    });

    private static async Task<DagHead> HeadAsync(EngineHarness engine, string dagId) =>
        (await engine.Store.History.ListHeadsAsync(Token)).Single(head => head.Id == dagId);

    private static async Task<object?> MovedAsync<T>(EngineHarness engine, Func<Task<T>> look, Func<T, bool> isSo)
    {
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Engine.PassAsync(Token);
        return isSo(await look()) ? engine : null;
    }

    private sealed class SwitchingTimetable(ITimetable inner) : ITimetable
    {
        public ITimetable Inner { get; set; } = inner;

        public string Summary => Inner.Summary;

        public string Specification => Inner.Specification;

        public bool FiresByClock => Inner.FiresByClock;

        public ScheduledFire? NextAfter(DateTimeOffset instant) => Inner.NextAfter(instant);

        public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Inner.LatestAtOrBefore(instant);
    }

    private sealed class OutsideExecutor(Func<TaskOutcome> answer) : IExecutor
    {
        public string Name => "outside";

        public ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken) => ValueTask.FromResult(answer());
    }

    private sealed class BreakingFeed : IDatasetFeed
    {
        private int _followed;

        public int Followed => Volatile.Read(ref _followed);

        public void Publish(DatasetVersion version, bool changesData = true) => throw new NotSupportedException();

        public void Publish(LineageEvent lineage)
        {
        }

        public DatasetVersion? Latest(DatasetId dataset) => null;

        public DatasetVersion? LatestData(DatasetId dataset) => null;

        public async IAsyncEnumerable<LineageEvent> FollowLineageAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield break;
        }

        public async IAsyncEnumerable<DatasetVersion> FollowVersionsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            Interlocked.Increment(ref _followed);
            yield return Followed > 100 ? default! : throw new IOException("the line is cut");
        }
    }

    private sealed class ThrowingProvider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new ThrowingLogger();

        public void Dispose()
        {
        }

        private sealed class ThrowingLogger : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                throw new IOException("the disk is full");
        }
    }
}
