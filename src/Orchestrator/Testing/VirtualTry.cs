using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>One try on the host: its body, and whether it works or waits for the clock or the test.</summary>
internal sealed class VirtualTry : IDisposable
{
    private static readonly AsyncLocal<VirtualTry?> Running = new();
    private static readonly AsyncLocal<bool> InBody = new();

    /// <summary>How long a body that was woken while it has other timers may take to show that it goes on.</summary>
    private static readonly TimeSpan DoubtMax = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly TaskInvocation _invocation;
    private readonly VirtualClock _clock;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly TaskCompletionSource<TaskOutcome> _answer = new();
    private TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<TaskOutcome>? _body;
    private int _timers;
    private bool _isWoken;
    private bool _isHeld;
    private bool _isStopSeen;

    public VirtualTry(TaskInvocation invocation, TaskScript script, VirtualClock clock, CancellationToken stop)
    {
        (_invocation, Script, _clock, _stop) = (invocation, script, clock, stop);

        // Callbacks of a token run last registered first: when this one runs, what the body waited for has been cancelled.
        _stopping = stop.UnsafeRegister(static state => ((VirtualTry)state!).OnStopped(), this);
    }

    private enum Standing
    {
        Works,
        Doubtful,
        Waits,
    }

    /// <summary>The try that the calling code belongs to.</summary>
    public static VirtualTry? Current => Running.Value;

    /// <summary>Whether the calling code is a body, not what the engine put around it.</summary>
    public static bool IsInBody => InBody.Value;

    public TaskContext Context => _invocation.Context;

    public TaskScript Script { get; }

    /// <summary>What the engine waits for. It goes on where it is given, so that the order of answers is that of the host.</summary>
    public Task<TaskOutcome> Answer => _answer.Task;

    public bool HasEnded => _body is { IsCompleted: true };

    /// <summary>Whether it goes on without the clock.</summary>
    public bool IsBusy => Look() != Standing.Waits;

    public void Begin()
    {
        var before = Running.Value;
        Running.Value = this;
        try
        {
            _body = _invocation.RunAsync(ActAsync, _stop);
        }
        finally
        {
            Running.Value = before;
        }
    }

    /// <summary>A timer of the body was set.</summary>
    public void OnArmed() => Change(timers: 1, isWoken: false);

    /// <summary>A timer of the body fired or was taken back.</summary>
    public void OnDisarmed() => Change(timers: -1, isWoken: true);

    /// <summary>A timer of the body fired and stays set.</summary>
    public void OnTick() => Change(timers: 0, isWoken: true);

    public void Unhold()
    {
        lock (_gate)
        {
            _isHeld = false;
        }
    }

    /// <summary>Waits until the body has ended or waits.</summary>
    /// <exception cref="OrchestratorTestException">It does neither within a limit on the machine's clock.</exception>
    public async Task SettleAsync(TimeSpan limit)
    {
        while (!HasEnded && Look() is var standing && standing != Standing.Waits)
        {
            var turn = NextTurn();
            var patience = standing == Standing.Doubtful ? DoubtMax : limit;
            if (Look() != standing || await ComesAsync(turn, patience).ConfigureAwait(false))
            {
                continue;
            }

            if (standing == Standing.Works)
            {
                throw new OrchestratorTestException(
                    $"task '{Context.TaskId}' of run {Context.RunId} neither ended nor waits for the host's clock after {limit}: give its " +
                    "code the host's Clock, or hold it with Task(...).Hold().");
            }

            Change(timers: 0, isWoken: false);
        }
    }

    /// <summary>Gives the engine the outcome of the body.</summary>
    public async Task ReportAsync() => _answer.TrySetResult(await _body!.ConfigureAwait(false));

    /// <summary>Tells the engine that the try is lost while its body goes on, as when a worker is cut off.</summary>
    public void Lose() => _answer.TrySetResult(TaskOutcome.Infrastructure("its worker was lost"));

    public void Dispose() => _stopping.Dispose();

    private async Task<bool> ComesAsync(Task turn, TimeSpan patience)
    {
        using var waiting = new CancellationTokenSource();
        var late = Task.Delay(patience, TimeProvider.System, waiting.Token);
        var isLate = await Task.WhenAny(_body!, turn, late).ConfigureAwait(false) == late;
        await waiting.CancelAsync().ConfigureAwait(false);
        return !isLate;
    }

    private Standing Look()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested && !_isStopSeen)
            {
                return Standing.Works;
            }

            return _isHeld ? Standing.Waits : _timers == 0 ? Standing.Works : _isWoken ? Standing.Doubtful : Standing.Waits;
        }
    }

    private Task NextTurn()
    {
        lock (_gate)
        {
            if (_turn.Task.IsCompleted)
            {
                _turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return _turn.Task;
        }
    }

    private void OnStopped()
    {
        lock (_gate)
        {
            _isStopSeen = true;
            _turn.TrySetResult();
        }
    }

    private void Change(int timers, bool isWoken)
    {
        lock (_gate)
        {
            _timers += timers;
            _isWoken = isWoken;
            _turn.TrySetResult();
        }
    }

    private async Task<TaskOutcome> ActAsync(CancellationToken cancellationToken)
    {
        InBody.Value = true;
        await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Script.DurationOf(Context) is { } duration && duration > TimeSpan.Zero)
        {
            await Task.Delay(duration, _clock, cancellationToken).ConfigureAwait(false);
        }

        return Script.AnswerOf(_invocation) ?? await _invocation.RunBodyAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        if (Script.Gate is not { } gate)
        {
            return;
        }

        var registration = cancellationToken.UnsafeRegister(static state => ((VirtualTry)state!).Unhold(), this);
        await using (registration.ConfigureAwait(false))
        {
            lock (_gate)
            {
                _isHeld = true;
                _turn.TrySetResult();
            }

            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
