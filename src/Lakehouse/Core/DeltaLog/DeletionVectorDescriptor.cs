using System.Globalization;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Where the deleted rows of a data file are listed (protocol section "Deletion Vectors").</summary>
/// <param name="StorageType"><c>u</c>: a file named by UUID below the table; <c>i</c>: inline; <c>p</c>: an absolute path.</param>
/// <param name="PathOrInlineDv">The encoded UUID with an optional folder prefix, the encoded bytes, or the path.</param>
/// <param name="SizeInBytes">The length of the bitmap's data.</param>
/// <param name="Cardinality">How many rows are deleted.</param>
/// <param name="Offset">Where in its file the vector begins; null for inline ones.</param>
public sealed record DeletionVectorDescriptor(string StorageType, string PathOrInlineDv, int SizeInBytes, long Cardinality, int? Offset = null)
{
    /// <summary>The id that, with the path, names a version of a data file.</summary>
    public string UniqueId => Offset is { } offset
        ? string.Create(CultureInfo.InvariantCulture, $"{StorageType}{PathOrInlineDv}@{offset}")
        : StorageType + PathOrInlineDv;
}

/// <summary>What names a live file: its decoded path and the deletion vector's id.</summary>
internal readonly record struct FileKey(string Path, string? DeletionVectorId)
{
    public static FileKey Of(string path, DeletionVectorDescriptor? vector) => new(DataPath.Canonical(path), vector?.UniqueId);
}
