using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What all channels of an edge have in common.</summary>
/// <param name="EdgeUid">The edge, stable over attempts.</param>
/// <param name="Attempt">The attempt whose messages the channel takes.</param>
/// <param name="Capacity">The sender's credit, in batches.</param>
/// <param name="BatchSize">Records in a full batch.</param>
/// <param name="IsKeyed">Whether batches carry key hashes.</param>
/// <param name="MaxParallelism">The number of key groups.</param>
/// <param name="Serializer">Writes and reads records in flight; null where there is none.</param>
/// <param name="MayRecord">Whether the edge lets records in flight be part of a checkpoint.</param>
internal sealed record ChannelSettings<T>(
    string EdgeUid, int Attempt, int Capacity, int BatchSize, bool IsKeyed, int MaxParallelism, IStateSerializer<T>? Serializer, bool MayRecord);

/// <summary>
/// A bounded channel inside one process: one sender, one receiver, batches by ownership, no copying.
/// The capacity is the sender's credit. A sender looks at <see cref="HasRoom"/> before it starts on new input; what one input element brings
/// forth may go over the credit, so that no operator has to stop in the middle of a record.
/// </summary>
internal sealed class LocalChannel<T>(ChannelSettings<T> settings) : InputChannel
{
    private readonly Lock _gate = new();
    private readonly Queue<StreamElement> _elements = new(settings.Capacity + 2);
    private readonly Stack<Batch<T>> _free = new(settings.Capacity + 2);
    private IInput<T>? _input;
    private Actor? _sender;
    private Actor? _receiver;
    private CheckpointBarrier? _announced;
    private int _credit = settings.Capacity;
    private int _count;
    private int _restored;

    /// <summary>Whether the sender holds a credit.</summary>
    public bool HasRoom => Volatile.Read(ref _count) < Volatile.Read(ref _credit);

    /// <summary>How many elements wait.</summary>
    public int Count => Volatile.Read(ref _count);

    public override string EdgeUid => settings.EdgeUid;

    public override bool CanRecord => settings.MayRecord && CanRestore;

    public override bool CanRestore => settings.Serializer is not null;

    public override CheckpointBarrier? Announced => Volatile.Read(ref _announced);

    public override int RestoredBatches => _restored;

    /// <summary>How many batches the sender may have under way, 1 to the channel's capacity.</summary>
    public override int Credit
    {
        get => Volatile.Read(ref _credit);
        set
        {
            var before = Interlocked.Exchange(ref _credit, Math.Clamp(value, 1, settings.Capacity));
            if (value > before)
            {
                _sender?.Wake();
            }
        }
    }

    public override Actor? Sender => _sender;

    public override void Attach(Actor? sender, Actor? receiver)
    {
        _sender = sender ?? _sender;
        _receiver = receiver ?? _receiver;
    }

    public override void Bind(StreamOperator target, int inputIndex) => _input = target.Input<T>(inputIndex);

    /// <summary>An empty batch to fill.</summary>
    public Batch<T> Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out var batch))
            {
                return batch;
            }
        }

        return new Batch<T>(settings.BatchSize, settings.IsKeyed) { Attempt = settings.Attempt };
    }

    public void Send(StreamElement element)
    {
        int count;
        lock (_gate)
        {
            _elements.Enqueue(element);
            count = _elements.Count;
            Volatile.Write(ref _count, count);
            if (element is BarrierElement { Barrier: var barrier })
            {
                Volatile.Write(ref _announced, barrier);
            }
        }

        // A receiver that is held back itself sleeps on a channel with elements in it, and a barrier may be for it to overtake them.
        if (count == 1 || element is BarrierElement)
        {
            _receiver?.Wake();
        }
    }

    public override bool TryReceive(out StreamElement element)
    {
        int count;
        lock (_gate)
        {
            if (!_elements.TryDequeue(out element!))
            {
                return false;
            }

            count = _elements.Count;
            Volatile.Write(ref _count, count);
            if (element is BarrierElement { Barrier: var barrier } && barrier == _announced)
            {
                Volatile.Write(ref _announced, null);
            }
        }

        if (element.Attempt != settings.Attempt)
        {
            throw new InvalidOperationException($"A message of attempt {element.Attempt} arrived in attempt {settings.Attempt}.");
        }

        _restored = Math.Max(0, _restored - 1);

        // Waking at half keeps the two sides from handing the processor to and fro for every batch.
        if (count == _credit / 2)
        {
            _sender?.Wake();
        }

        return true;
    }

    public override void Deliver(StreamElement batch)
    {
        var typed = (Batch<T>)batch;
        _input!.Process(typed.View);
        typed.Clear();
        lock (_gate)
        {
            if (_free.Count <= settings.Capacity)
            {
                _free.Push(typed);
            }
        }
    }

    public override InFlightState CreateInFlight(KeyGroupRange groups) => new(EdgeUid, settings.Serializer!.Schema, settings.IsKeyed ? groups : null);

    public override void Record(StreamElement element, InFlightState state)
    {
        if (element is not Batch<T> batch)
        {
            return;
        }

        var view = batch.View;
        for (var i = 0; i < view.Count; i++)
        {
            var writer = state.Of(settings.IsKeyed ? KeyGroups.GroupOf(view.KeyHashes[i], settings.MaxParallelism) : 0);
            writer.WriteInt64(view.TimesMs[i]);
            writer.WriteInt64(view.SplitWatermarksMs.IsEmpty ? long.MinValue : view.SplitWatermarksMs[i]);
            settings.Serializer!.Write(writer, view.Records[i]);
        }
    }

    public override bool TryRecordUpTo(long checkpointId, InFlightState state)
    {
        List<StreamElement> before = [];
        lock (_gate)
        {
            // What waits here is only ever taken by the one who asks, so it can be written outside the lock.
            before.AddRange(_elements.TakeWhile(e => e is not BarrierElement { Barrier: var barrier } || barrier.CheckpointId != checkpointId));
            if (before.Count == _elements.Count)
            {
                return false;
            }
        }

        before.ForEach(element => Record(element, state));
        return true;
    }

    public override void Restore(RestoredOperator restored, int subtask, int parallelism)
    {
        var share = 0;
        Batch<T>? open = null;
        var serializer = settings.Serializer!;
        restored.Read(InFlightState.StateName, static _ => true, serializer.CanRead, (ref StateReader reader) =>
        {
            // Without keys any subtask may take a share; with keys only those of its groups are handed out at all.
            var isOurs = settings.IsKeyed || share++ % parallelism == subtask;
            while (isOurs && reader.Remaining > 0)
            {
                var (timeMs, stampMs) = (reader.ReadInt64(), reader.ReadInt64());
                open = Add(open, serializer.Read(ref reader), timeMs, stampMs);
            }
        });
        _restored = _elements.Count;
        Volatile.Write(ref _count, _elements.Count);
    }

    /// <summary>How key hashes of restored records are found; only where they are keyed.</summary>
    public Func<T, int>? HashOf { get; init; }

    private Batch<T> Add(Batch<T>? open, T record, long timeMs, long stampMs)
    {
        if (open is null || open.IsFull)
        {
            open = new Batch<T>(settings.BatchSize, settings.IsKeyed) { Attempt = settings.Attempt };
            _elements.Enqueue(open);
        }

        var at = open.Count++;
        open.Records[at] = record;
        open.TimesMs[at] = timeMs;
        if (settings.IsKeyed)
        {
            open.KeyHashes[at] = HashOf!(record);
        }

        if (stampMs == long.MinValue)
        {
            open.LeaveUnstamped(at, 1);
        }
        else
        {
            open.Stamps(at)[0] = stampMs;
        }

        return open;
    }
}
