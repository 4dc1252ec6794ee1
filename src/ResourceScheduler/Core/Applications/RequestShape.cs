namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>Requests that look the same to a node. What no node has room for now is remembered once for all of them.</summary>
internal sealed class RequestShape(int index, ResourceVector size)
{
    public int Index { get; } = index;

    public ResourceVector Size { get; } = size;

    /// <summary>The bit queues and nodes know this shape by. Shapes 64 apart share one, which costs a retry, never a wrong answer.</summary>
    public ulong Bit { get; } = 1UL << (index & 63);

    /// <summary>Asks with something pending.</summary>
    public int Waiting { get; set; }

    /// <summary>No node has room, until one frees enough.</summary>
    public bool Exhausted { get; set; }
}
