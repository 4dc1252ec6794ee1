using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An application while the scheduler knows it.</summary>
internal sealed class Application(long id, ApplicationSpecification definition, Queue leaf)
{
    public long Id { get; } = id;

    public ApplicationSpecification Definition { get; } = definition;

    public Queue Leaf { get; set; } = leaf;

    /// <summary>Asks with something pending, by falling priority, then by number.</summary>
    public List<Ask> Waiting { get; } = [];

    public SortedDictionary<long, Container> Running { get; } = [];

    public ResourceVector Used;

    public double DominantShare { get; set; }

    public bool IsEnded { get; set; }

    public ulong ShapeMask { get; private set; }

    public void Add(Ask ask)
    {
        var at = Waiting.FindIndex(other => other.Definition.Priority < ask.Definition.Priority);
        Waiting.Insert(at < 0 ? Waiting.Count : at, ask);
        ShapeMask |= ask.Shape.Bit;
    }

    public void Remove(Ask ask)
    {
        Waiting.Remove(ask);
        ShapeMask = 0;
        foreach (var other in Waiting)
        {
            ShapeMask |= other.Shape.Bit;
        }
    }
}
