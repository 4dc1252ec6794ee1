namespace DataPlatform.Streaming;

/// <summary>
/// The number by which a member of a <see cref="StreamRecordAttribute"/> type is found again in stored state. Numbers are never used
/// again for something else. A member may be renamed; a new one begins, for state that lacks it, with the default value of its constructor parameter,
/// or else with that of its type; a removed one is skipped.
/// </summary>
/// <param name="number">The number, at least 1, unique in the type.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class FieldAttribute(int number) : Attribute
{
    /// <summary>The number.</summary>
    public int Number { get; } = number;
}
