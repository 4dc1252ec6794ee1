using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary>The quality database that a lineage graph is kept in.</summary>
internal static class LineageDatabase
{
    /// <param name="path">The file.</param>
    /// <param name="make">Whether to make one where there is none.</param>
    /// <exception cref="QualityException">There is none, or it is something else.</exception>
    public static QualityDatabase Open(string path, bool make) => make || File.Exists(path)
        ? QualityDatabase.Open(path)
        : throw new QualityException(ErrorKind.Invalid, $"There is no lineage graph '{path}'.");
}
