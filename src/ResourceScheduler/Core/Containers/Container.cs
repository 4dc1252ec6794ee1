using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>A placed container until it has ended.</summary>
internal sealed class Container(long id, Ask ask, Node node, long placedAtMs)
{
    public long Id { get; } = id;

    public Ask Ask { get; } = ask;

    public Node Node { get; } = node;

    public long PlacedAtMs { get; } = placedAtMs;

    public bool StopRequested { get; set; }

    public ResourceVector Resources => Ask.Definition.Resources;

    public Application Application => Ask.Application;
}
