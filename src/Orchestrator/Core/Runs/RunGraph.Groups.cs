using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>Mapped groups: instances of all their tasks at once, and dependencies by index inside them.</summary>
internal sealed partial class RunGraph
{
    /// <summary>Counted where nobody reads it: the peer of an instance that has none.</summary>
    private UpstreamCounts _nowhere;

    private static bool AreTogether(DagTask one, DagTask other) => one.MappedGroup is not null && one.MappedGroup == other.MappedGroup;

    private List<LiveGroup> MakeGroups()
    {
        var groups = new List<LiveGroup>();
        var members = _nodes.Where(node => node.Task.MappedGroup is not null)
            .ToLookup(node => node.Task.MappedGroup, StringComparer.Ordinal);
        foreach (var definition in Dag.MappedGroups)
        {
            var group = new LiveGroup(
                definition,
                [.. members[definition.Id]],
                [.. definition.Map.TaskIds.Select(id => _nodes[Dag.Task(id).Number])]);
            foreach (var node in group.Nodes)
            {
                node.Group = group;
            }

            groups.Add(group);
        }

        return groups;
    }

    /// <summary>Stores keep no instance that never left <see cref="TaskState.None"/>: those of a group's later tasks are made
    /// again.</summary>
    private void FillGroups()
    {
        foreach (var group in _groups)
        {
            var length = group.Nodes.SelectMany(node => node.Instances).Where(task => task.State != TaskState.Removed)
                .Max(task => (int?)task.Key.MapIndex) + 1 ?? 0;
            foreach (var node in length > 0 ? group.Nodes : [])
            {
                if (node.Find(-1) is { State: TaskState.None } placeholder)
                {
                    node.Drop(placeholder);
                }

                for (var index = 0; index < length; index++)
                {
                    _ = node.Find(index) ?? node.Add(index);
                }
            }
        }
    }

    /// <summary>The counts that an instance's end goes into at a task downstream, and the one instance it is about; null for all.</summary>
    private ref UpstreamCounts CountsAt(TaskNode node, LiveTask upstream, out LiveTask? peer)
    {
        peer = null;
        if (!AreTogether(node.Task, upstream.Definition))
        {
            return ref node.Upstream;
        }

        peer = node.Find(upstream.Key.MapIndex);
        if (peer is null)
        {
            return ref _nowhere;
        }

        return ref peer.Inside;
    }

    /// <summary>Gives a group its instances as soon as its lists are known. False: it waits for them.</summary>
    private bool TryPrepare(LiveGroup group)
    {
        if (group.Touched > 0)
        {
            return true;
        }

        if (!group.AreListsFinal)
        {
            return false;
        }

        if (LengthOf(group, out _) is { } length && Resize(group, length))
        {
            foreach (var node in group.Nodes)
            {
                _undecided.Enqueue((node, null));
            }
        }

        return true;
    }

    private int? LengthOf(LiveGroup group, out string? reason) =>
        _values.MapLength(group.Definition.Map, group.Definition.MapLengthMax, group.Definition.Id, out reason);

    /// <summary>Makes and removes instances; whether that changed anything. An empty list leaves a placeholder, which is skipped.</summary>
    private bool Resize(LiveGroup group, int length)
    {
        var isChanged = false;
        var fresh = new List<LiveTask>();
        foreach (var node in group.Nodes)
        {
            foreach (var surplus in node.Instances.Where(task => task.Key.MapIndex >= length && task.State == TaskState.None).ToList())
            {
                Step(surplus, TaskState.Removed);
                isChanged = true;
            }

            for (var index = 0; index < length; index++)
            {
                if (node.Find(index) is not { } known)
                {
                    fresh.Add(node.Add(index));
                }
                else if (known.State == TaskState.Removed)
                {
                    Step(known, TaskState.None);
                    isChanged = true;
                }
            }

            if (length == 0 && node.Find(-1) is null)
            {
                fresh.Add(node.Add(-1));
            }
        }

        isChanged |= length > 0 && DropPlaceholders(group);
        foreach (var task in fresh)
        {
            Count(task, 1);
        }

        return isChanged || fresh.Count > 0;
    }

    private bool DropPlaceholders(LiveGroup group)
    {
        var placeholders = group.Nodes.Select(node => node.Find(-1)).OfType<LiveTask>().ToList();
        foreach (var placeholder in placeholders)
        {
            Count(placeholder, -1);
        }

        foreach (var placeholder in placeholders)
        {
            _nodes[placeholder.Key.TaskNumber].Drop(placeholder);
        }

        return placeholders.Count > 0;
    }

    private void DecideInGroup(TaskNode node, LiveTask task)
    {
        var decision = node.IsExcluded || task.IsExcluded
            ? TriggerDecision.Skip
            : TriggerRules.Decide(node.Task.Rule, node.Upstream.Plus(task.Inside));
        if (decision == TriggerDecision.Run && task.Key.MapIndex < 0)
        {
            // There is nothing to run for: the list was empty, or could not be read.
            if (LengthOf(node.Group!, out var reason) is null)
            {
                task.Note = reason;
                Step(task, TaskState.Failed);
                return;
            }

            decision = TriggerDecision.Skip;
        }

        Apply(node, task, decision);
    }
}
