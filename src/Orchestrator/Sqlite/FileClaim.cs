using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>An operating-system lock beside the database: it goes with the process that holds it, however that ends.</summary>
internal static class FileClaim
{
    public static FileStream Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new OrchestratorStoreException(
                ErrorKind.Conflict,
                    $"another process schedules from '{databasePath}' (it holds '{path}'): stop it first, or use PostgreSQL for several.",
                        exception);
        }
    }
}
