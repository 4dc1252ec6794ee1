using System.Globalization;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// The folder of one back end in one process: <c>{local folder}/run-…</c>. A locked file in it says that its process lives; folders
/// without one are cleared away by the next.
/// </summary>
internal sealed class WorkingFolder : IDisposable
{
    private const string LockName = "LOCK.run";
    private readonly FileStream _lock;
    private int _next;

    public WorkingFolder(string? localFolder)
    {
        var root = localFolder ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "dataplatform-rocksdb");
        Directory.CreateDirectory(root);
        RemoveDead(root);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(root, $"run-{Guid.NewGuid():N}")).FullName;
        _lock = new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    /// <summary>The path of a new folder; it does not exist yet.</summary>
    public string Next(string what)
        => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{what}-{Interlocked.Increment(ref _next)}"));

    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private static void RemoveDead(string root)
    {
        foreach (var run in Directory.EnumerateDirectories(root, "run-*"))
        {
            try
            {
                // The lock of a living process cannot be opened. One that is being made has no lock yet, and is younger than a dead one can
                // be.
                var file = System.IO.Path.Combine(run, LockName);
                if (File.Exists(file))
                {
                    new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                    Directory.Delete(run, recursive: true);
                }
            }
            catch (IOException)
            {
                // In use, or somebody else is clearing it away.
            }
            catch (UnauthorizedAccessException)
            {
                // Belongs to another user of the machine.
            }
        }
    }
}
