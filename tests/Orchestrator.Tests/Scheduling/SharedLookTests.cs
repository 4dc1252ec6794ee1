using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class SharedLookTests
{
    private readonly ConcurrentDictionary<long, string> _there = [];
    private readonly ConcurrentQueue<long[]> _looks = [];
    private readonly Pulse _wake = new();
    private readonly SharedLook<string> _look;
    private volatile Exception? _failure;

    public SharedLookTests() => _look = new SharedLook<string>(FindAsync, _wake);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_who_wait_are_looked_for_in_one_statement()
    {
        var waits = Enumerable.Range(0, 500).Select(i => _look.WaitAsync(i / 2, Token)).ToArray();
        await EngineHarness.UntilAsync(() => Task.FromResult(_looks.FirstOrDefault(look => look.Length == 250)));

        foreach (var id in Enumerable.Range(0, 250))
        {
            _there[id] = $"answer {id}";
        }

        _wake.Beat();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"answer {i / 2}"), await Task.WhenAll(waits));
        Assert.All(_looks, look => Assert.Equal(look.Distinct(), look));
    }

    [Fact]
    public async Task What_comes_without_a_pulse_is_found_too()
    {
        var wait = _look.WaitAsync(7, Token);
        await EngineHarness.UntilAsync(() => Task.FromResult(_looks.FirstOrDefault()));
        _there[7] = "late";

        Assert.Equal("late", await wait);
    }

    [Fact]
    public async Task One_who_gives_up_is_looked_for_no_more()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var gone = _look.WaitAsync(1, stop.Token);
        var stays = _look.WaitAsync(2, Token);
        await EngineHarness.UntilAsync(() => Task.FromResult(_looks.FirstOrDefault(look => look.Length == 2)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        await EngineHarness.UntilAsync(() => Task.FromResult(_looks.LastOrDefault() is [2] ? "alone" : null));
        _there[2] = "here";
        Assert.Equal("here", await stays);

        // Nobody waits: the next one finds a look of its own.
        _there[3] = "anew";
        Assert.Equal("anew", await _look.WaitAsync(3, Token));
    }

    [Fact]
    public async Task A_store_that_fails_is_told_to_those_who_wait_and_asked_again_by_the_next()
    {
        _failure = new InvalidOperationException("no");
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => _look.WaitAsync(1, Token))).Message);

        (_failure, _there[1]) = (null, "yes");
        Assert.Equal("yes", await _look.WaitAsync(1, Token));
    }

    [Fact]
    public async Task Nobody_waits_for_one_that_is_closed()
    {
        var wait = _look.WaitAsync(1, Token);
        _look.Close(new OrchestratorException(ErrorKind.Unavailable, "over"));

        Assert.Equal("over", (await Assert.ThrowsAsync<OrchestratorException>(() => wait)).Message);
        Assert.Equal("over", (await Assert.ThrowsAsync<OrchestratorException>(() => _look.WaitAsync(2, Token))).Message);
    }

    private ValueTask<IReadOnlyDictionary<long, string>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        _looks.Enqueue([.. ids]);
        return _failure is { } failure
            ? throw failure
            : ValueTask.FromResult<IReadOnlyDictionary<long, string>>(ids.Where(_there.ContainsKey).ToDictionary(id => id, id => _there[id]));
    }
}
