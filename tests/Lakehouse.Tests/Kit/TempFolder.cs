using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>A folder of one test, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lake-{Guid.NewGuid():N}");

    /// <summary>The folder as a store; flushing to the device would only make tests slow.</summary>
    public LocalObjectStore Store => new(Path, durable: false);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
