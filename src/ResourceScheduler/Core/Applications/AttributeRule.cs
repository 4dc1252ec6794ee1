namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>How an attribute is compared.</summary>
public enum AttributeComparison
{
    /// <summary>The value is one of those named.</summary>
    In,

    /// <summary>The value is none of those named; a missing attribute passes.</summary>
    NotIn,

    /// <summary>The attribute is there.</summary>
    Exists,
}

/// <summary>A condition on one attribute of a node.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Values">The values compared with.</param>
public sealed record AttributeRule(string Name, AttributeComparison Comparison, params IReadOnlyList<string> Values)
{
    /// <summary>Whether a node with these attributes passes.</summary>
    /// <param name="attributes">The node's attributes.</param>
    public bool Holds(IReadOnlyDictionary<string, string> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        var has = attributes.TryGetValue(Name, out var value);
        return Comparison switch
        {
            AttributeComparison.In => has && Values.Contains(value!, StringComparer.Ordinal),
            AttributeComparison.NotIn => !has || !Values.Contains(value!, StringComparer.Ordinal),
            _ => has,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Comparison} [{string.Join("|", Values)}]";
}
