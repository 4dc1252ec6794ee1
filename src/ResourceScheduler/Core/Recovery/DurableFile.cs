using DataPlatform.Kernel.Storage;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>A file that is there whole or not at all: written under another name, flushed to the disk, renamed.</summary>
internal static class DurableFile
{
    public const string Unfinished = ".unfinished";

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + Unfinished;
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FileSystem.FlushFolder(Path.GetDirectoryName(path)!);
    }
}
