using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Room for a whole gang while it is being put together: what would be stopped and what would be kept, on top of what is. Nothing
/// happens until the last member has its place; then all of it does, or none.</summary>
internal sealed class GangPlan(VictimSearch search)
{
    private readonly List<(Node Node, List<Container> Victims)> _members = [];

    public IReadOnlyList<(Node Node, List<Container> Victims)> Members => _members;

    /// <summary>How many members each node was given, by its number.</summary>
    public Dictionary<int, int> Held { get; } = [];

    public void Add(Node node, List<Container> victims, in ResourceVector size)
    {
        foreach (var victim in victims)
        {
            search.Take(victim);
            victim.IsPlanned = true;
            victim.Node.Planned += victim.Resources;
        }

        node.Planned -= size;
        Held[node.Id] = Held.GetValueOrDefault(node.Id) + 1;
        _members.Add((node, victims));
    }

    /// <summary>Takes the marks off again; the members stay known.</summary>
    public void Clear()
    {
        foreach (var (node, victims) in _members)
        {
            node.Planned = ResourceVector.Zero;
            foreach (var victim in victims)
            {
                victim.IsPlanned = false;
                victim.Node.Planned = ResourceVector.Zero;
            }
        }
    }

    /// <summary>As if it had never been tried: nobody is counted as gone.</summary>
    public void GiveBack()
    {
        Clear();
        foreach (var (_, victims) in _members)
        {
            victims.ForEach(search.PutBack);
        }
    }
}
