using System.Collections.Concurrent;

namespace DataPlatform.Streaming.Runtime;

/// <summary>Something with one thread of control: its mails and its steps never overlap.</summary>
/// <remarks>
/// States: closed, idle, scheduled, running, running with a wake-up that came meanwhile. A wake-up is therefore never lost, and an idle actor
/// costs nothing: no thread waits for it. A closed one takes mails and wake-ups, and acts on them when it begins.
/// </remarks>
internal abstract class Actor(IJobScheduler scheduler, bool beginsClosed = false) : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Running = 2;
    private const int RunningWoken = 3;
    private const int Closed = 4;

    private readonly ConcurrentQueue<Action> _mails = new();
    private int _state = beginsClosed ? Closed : Idle;

    /// <summary>Hands over an action to run on the actor's thread of control.</summary>
    public void Post(Action mail)
    {
        _mails.Enqueue(mail);
        Wake();
    }

    /// <summary>Makes sure that the actor looks again for work.</summary>
    public void Wake()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle when Interlocked.CompareExchange(ref _state, Scheduled, Idle) == Idle:
                    scheduler.Schedule(this);
                    return;
                case Running when Interlocked.CompareExchange(ref _state, RunningWoken, Running) == Running:
                case Scheduled:
                case RunningWoken:
                case Closed:
                    return;
            }
        }
    }

    /// <summary>Lets a closed actor take its first turn; nothing where it has begun.</summary>
    public void Begin()
    {
        if (Interlocked.CompareExchange(ref _state, Scheduled, Closed) == Closed)
        {
            scheduler.Schedule(this);
        }
    }

    /// <summary>One turn; called by the scheduler only.</summary>
    public void Execute()
    {
        Volatile.Write(ref _state, Running);
        var more = true;
        do
        {
            for (var step = scheduler.StepsPerTurn; more && step > 0; step--)
            {
                more = RunMails() | RunStep();
            }
        }
        while (more && scheduler.IsFree);

        if (more || Interlocked.CompareExchange(ref _state, Idle, Running) != Running)
        {
            Volatile.Write(ref _state, Scheduled);
            scheduler.Schedule(this);
        }
    }

    /// <summary>Does a bounded piece of work.</summary>
    /// <returns>False when there is nothing to do until the next wake-up.</returns>
    protected abstract bool Step();

    /// <summary>Something thrown by a mail or a step; the actor takes no further steps unless it wants to.</summary>
    protected abstract void OnError(Exception exception);

    private bool RunMails()
    {
        var any = false;
        while (_mails.TryDequeue(out var mail))
        {
            any = true;
            try
            {
                mail();
            }
#pragma warning disable CA1031 // Whatever a mail throws must end the job with a name on it, not the thread pool's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                OnError(exception);
            }
        }

        return any;
    }

    private bool RunStep()
    {
        try
        {
            return Step();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OnError(exception);
            return false;
        }
    }
}
