namespace DataPlatform.Kernel;

/// <summary>One committed version of a dataset. After the commit this pair is what engines hand to each other, never the data.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Version">Its version, 0 or higher, growing by commit.</param>
public readonly record struct DatasetVersion(DatasetId Dataset, long Version)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Dataset}@{Version}";
}
