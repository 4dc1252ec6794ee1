using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Runtime;

/// <summary>
/// A bounded channel inside one process: one sender, one receiver, batches by ownership, no copying.
/// The capacity is the sender's credit. A sender looks at <see cref="HasRoom"/> before it starts on new input; what one input element brings
/// forth may go over the credit, so that no operator has to stop in the middle of a record.
/// </summary>
internal sealed class LocalChannel<T>(int attempt, int capacity, int batchSize, bool keyed) : InputChannel
{
    private readonly Lock _gate = new();
    private readonly Queue<StreamElement> _elements = new(capacity + 2);
    private readonly Stack<Batch<T>> _free = new(capacity + 2);
    private IInput<T>? _input;
    private Actor? _sender;
    private Actor? _receiver;
    private int _count;

    /// <summary>Whether the sender holds a credit.</summary>
    public bool HasRoom => Volatile.Read(ref _count) < capacity;

    /// <summary>How many elements wait.</summary>
    public int Count => Volatile.Read(ref _count);

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

        return new Batch<T>(batchSize, keyed) { Attempt = attempt };
    }

    public void Send(StreamElement element)
    {
        int count;
        lock (_gate)
        {
            _elements.Enqueue(element);
            count = _elements.Count;
            Volatile.Write(ref _count, count);
        }

        if (count == 1)
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
        }

        if (element.Attempt != attempt)
        {
            throw new InvalidOperationException($"A message of attempt {element.Attempt} arrived in attempt {attempt}.");
        }

        // Waking at half keeps the two sides from handing the processor to and fro for every batch.
        if (count == capacity / 2)
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
            if (_free.Count <= capacity)
            {
                _free.Push(typed);
            }
        }
    }
}
