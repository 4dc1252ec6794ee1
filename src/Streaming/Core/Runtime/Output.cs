namespace DataPlatform.Streaming.Runtime;

/// <summary>Where an operator sends its records and signals: to a chained operator, to channels, to several of those, or nowhere.</summary>
internal abstract class Output<T> : IOutput
{
    public abstract void Emit(in BatchView<T> batch);

    public abstract void Watermark(long timeMs);

    public abstract void Status(bool idle);

    public abstract void End();
}

/// <summary>The part of an output that does not depend on the records' type.</summary>
internal interface IOutput
{
    void Watermark(long timeMs);

    void Status(bool idle);

    void End();
}

/// <summary>An output that leaves the subtask.</summary>
internal interface IChannelOutput
{
    /// <summary>Whether every target has credit.</summary>
    bool HasRoom { get; }

    /// <summary>When the oldest record that was not sent yet was added, or null.</summary>
    long? OpenSince { get; }

    void Flush();

    void Barrier(Checkpoints.CheckpointBarrier barrier);
}

/// <summary>The output of an operator that nobody listens to.</summary>
internal sealed class NoOutput<T> : Output<T>
{
    public static readonly NoOutput<T> Instance = new();

    public override void Emit(in BatchView<T> batch)
    {
    }

    public override void Watermark(long timeMs)
    {
    }

    public override void Status(bool idle)
    {
    }

    public override void End()
    {
    }
}

/// <summary>The same to several.</summary>
internal sealed class FanOutput<T>(Output<T>[] targets) : Output<T>
{
    public override void Emit(in BatchView<T> batch)
    {
        foreach (var target in targets)
        {
            target.Emit(batch);
        }
    }

    public override void Watermark(long timeMs)
    {
        foreach (var target in targets)
        {
            target.Watermark(timeMs);
        }
    }

    public override void Status(bool idle)
    {
        foreach (var target in targets)
        {
            target.Status(idle);
        }
    }

    public override void End()
    {
        foreach (var target in targets)
        {
            target.End();
        }
    }
}
