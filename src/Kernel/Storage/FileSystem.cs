using System.Runtime.InteropServices;

namespace DataPlatform.Kernel.Storage;

/// <summary>The two operations on files that the BCL does not offer: a link that fails when the name is taken, and flushing a folder.</summary>
public static partial class FileSystem
{
    private const int FileExists = 17;
    private const int OpenReadOnly = 0;

    /// <summary>Gives a file a second name unless the name is taken.</summary>
    /// <returns>False when the name is taken.</returns>
    internal static bool TryLink(string existing, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            // MoveFileEx without the replace flag fails on a taken name, as a link does elsewhere.
            try
            {
                File.Move(existing, name, overwrite: false);
                return true;
            }
            catch (IOException) when (File.Exists(name))
            {
                return false;
            }
        }

        if (Link(existing, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == FileExists ? false : throw new IOException($"link to '{name}' failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Makes renames, links and new names in a folder durable. Windows does so with the file itself.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">It cannot be opened or flushed.</exception>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, OpenReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"'{folder}' could not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        try
        {
            if (FSync(descriptor) != 0)
            {
                throw new IOException($"'{folder}' could not be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
