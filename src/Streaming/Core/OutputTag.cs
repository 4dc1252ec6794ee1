namespace DataPlatform.Streaming;

/// <summary>Names a side output and its type.</summary>
/// <typeparam name="T">What goes there.</typeparam>
public sealed class OutputTag<T>
{
    /// <summary>Names a side output.</summary>
    /// <param name="id">The name, unique for an operator.</param>
    public OutputTag(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        Id = id;
    }

    /// <summary>The name.</summary>
    public string Id { get; }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
