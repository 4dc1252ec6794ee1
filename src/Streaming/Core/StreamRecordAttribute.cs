namespace DataPlatform.Streaming;

/// <summary>
/// Asks for a generated serialiser of a record, class or struct, so that it can be a key or a state, or part of one. What cannot be stored is an
/// error of the build. Give every member a <see cref="FieldAttribute"/> to be able to add, remove and rename members later; without them
/// the layout is fixed.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class StreamRecordAttribute : Attribute;
