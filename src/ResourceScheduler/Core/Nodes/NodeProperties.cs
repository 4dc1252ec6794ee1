namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>What requests can ask of a node besides room.</summary>
public sealed record NodeProperties
{
    /// <summary>A plain node without label, attributes or rack.</summary>
    public static NodeProperties None { get; } = new();

    /// <summary>The partition the node belongs to; empty for the default one.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether requests without a label may use the labelled node when unlabelled nodes are full. Default no: exclusive.</summary>
    public bool IsShareable { get; init; }

    /// <summary>Name and value pairs, for example the kernel or the model of a GPU.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The rack, for locality; empty when unknown.</summary>
    public string Rack { get; init; } = "";
}
