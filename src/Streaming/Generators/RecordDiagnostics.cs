using Microsoft.CodeAnalysis;

namespace DataPlatform.Streaming.Generators;

/// <summary>What a type that asks for a serialiser can have wrong.</summary>
internal static class RecordDiagnostics
{
    private const string Category = "DataPlatform.Streaming";

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "DPS001", "The type of a member cannot be stored", "'{0}' of '{1}' has type '{2}', which cannot be stored: {3}");

    public static readonly DiagnosticDescriptor DuplicateNumber = Error(
        "DPS002", "Two members have the same number", "'{0}' of '{1}' has number {2}, and so has '{3}': numbers are unique and never used again");

    public static readonly DiagnosticDescriptor MissingNumber = Error(
        "DPS003", "A member has no number", "'{0}' of '{1}' has no [Field] number of at least 1 while others have one: number all members, or none");

    public static readonly DiagnosticDescriptor CannotBeRestored = Error(
        "DPS004",
        "A member cannot be restored",
        "'{0}' of '{1}' cannot be set after a restore: give it a setter, or a constructor parameter of its name and type, or mark it with [NotStored]");

    public static readonly DiagnosticDescriptor UnsuitableType = Error(
        "DPS005", "The type cannot have a generated serialiser", "'{0}' cannot have a generated serialiser: {1}");

    public static readonly DiagnosticDescriptor Recursive = Error(
        "DPS006", "The type contains itself", "'{0}' of '{1}' leads back to '{1}': a layout that contains itself cannot be stored");

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        "DPS007", "The type has no usable constructor", "'{0}' has no accessible constructor whose parameters are all members of it by name and type");

    private static DiagnosticDescriptor Error(string id, string title, string message)
        => new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
