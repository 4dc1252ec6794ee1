using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>
/// A folder of one test, gone with it. Before it goes, every table below it is judged: each commit, checksum and checkpoint by the
/// protocol's rules, and its rows by a second path that shares no code with the engine.
/// </summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lake-{Guid.NewGuid():N}");

    /// <summary>The folder as a store; flushing to the device would only make tests slow.</summary>
    public LocalObjectStore Store => new(Path, durable: false);

    /// <summary>Why its tables are not judged: the test broke one itself, or another engine wrote it.</summary>
    public string? NotJudgedBecause { get; set; }

    public void Dispose()
    {
        try
        {
            if (NotJudgedBecause is null)
            {
                foreach (var log in Directory.GetDirectories(Path, "_delta_log", SearchOption.AllDirectories))
                {
                    WrittenTable.Judge(System.IO.Path.GetDirectoryName(log)!);
                }
            }
        }
        finally
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
