namespace DataPlatform.Streaming;

/// <summary>A member of a <see cref="StreamRecordAttribute"/> type that is not part of its state: it is its type's default after a restore.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NotStoredAttribute : Attribute;
