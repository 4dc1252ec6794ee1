using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Paths that name a place of their own: allowed where the place is below the table's root after all.</summary>
internal static class AbsolutePath
{
    /// <exception cref="DeltaException">The place is outside the table.</exception>
    public static string InStore(IObjectStore store, string path)
    {
        var canonical = DataPath.Canonical(path);
        if (store.TryGetLocalPath("x", out var probe) && Path.GetDirectoryName(probe) is { } root)
        {
            var relative = Path.GetRelativePath(root, canonical).Replace(Path.DirectorySeparatorChar, '/');
            if (!relative.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(relative) && relative is not "." and not "..")
            {
                return relative;
            }
        }

        throw new DeltaException(
            Kernel.ErrorKind.Invalid, $"The log names the file '{path}', which is not below the table's root; such a table is refused.");
    }
}
