namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>One queue of a <see cref="QueueTree"/>: where it is, its settings, and the queues below it. Immutable.</summary>
public sealed class QueueDefinition
{
    private QueueDefinition(string path, QueueOptions options, IReadOnlyList<QueueDefinition> children)
    {
        Path = path;
        Name = QueuePath.Name(path);
        Options = options;
        Children = children;
        Guarantee = ResourceVector.Max(options.Min, children.Aggregate(ResourceVector.Zero, (sum, child) => sum + child.Guarantee));
    }

    /// <summary>The last part of the path.</summary>
    public string Name { get; }

    /// <summary>The full path, for example <c>root.flights.gate</c>.</summary>
    public string Path { get; }

    /// <summary>The settings.</summary>
    public QueueOptions Options { get; }

    /// <summary>The queues directly below, by name; empty for a leaf.</summary>
    public IReadOnlyList<QueueDefinition> Children { get; }

    /// <summary>Whether applications can run here.</summary>
    public bool IsLeaf => Children.Count == 0;

    /// <summary>The guarantee in force: the larger of the own minimum and the sum of the children's guarantees.</summary>
    public ResourceVector Guarantee { get; }

    internal static QueueDefinition Build(string path, SortedDictionary<string, QueueOptions> options)
    {
        var prefix = path + ".";
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var below in options.Keys.Where(other => other.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var end = below.IndexOf('.', prefix.Length);
            names.Add(end < 0 ? below[prefix.Length..] : below[prefix.Length..end]);
        }

        return new QueueDefinition(path, options.GetValueOrDefault(path) ?? new QueueOptions(),
            [.. names.Select(name => Build(prefix + name, options))]);
    }

    internal IEnumerable<QueueDefinition> SelfAndBelow() => Children.SelectMany(child => child.SelfAndBelow()).Prepend(this);
}
