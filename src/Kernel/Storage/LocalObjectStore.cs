using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Kernel.Storage;

/// <summary>Objects as files below a folder.</summary>
/// <remarks>
/// Thread-safe, and safe against other processes on the same folder. A write goes to a hidden temporary file, is flushed to the device,
/// and then takes its name by an atomic rename, or by a hard link where the name must be free; the folder is flushed after it. Hidden
/// temporary files of a killed writer are never listed and are removed by <see cref="RemoveAbandonedAsync"/>.
/// </remarks>
public sealed class LocalObjectStore : IObjectStore
{
    private const string TemporaryPrefix = ".tmp-";
    private const int BufferBytes = 1 << 16;
    private readonly string _root;
    private readonly bool _durable;

    /// <summary>Opens a folder as a store; it is made on the first write.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="durable">
    /// Whether a finished write has reached the device. False leaves that to the operating system: a killed process loses nothing, a power cut may.
    /// </param>
    public LocalObjectStore(string root, bool durable = true)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _durable = durable;
    }

    /// <summary>The folder, absolute.</summary>
    public string Root => _root;

    /// <summary>A store over a folder below this one, with the same durability.</summary>
    /// <param name="path">The folder's path in this store.</param>
    public LocalObjectStore Below(string path) => new(FullPath(path), _durable);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return await File.ReadAllBytesAsync(FullPath(path), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "read", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(string path, long offset, int length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        using var handle = OpenHandle(path);
        var buffer = new byte[length];
        for (var filled = 0; filled < length;)
        {
            var read = await RandomAccess.ReadAsync(handle, buffer.AsMemory(filled), offset + filled, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new StorageException(ErrorKind.Corrupt, path, $"'{path}' ends at byte {offset + filled}; {length} bytes from {offset} were asked for.");
            }

            filled += read;
        }

        return buffer;
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
        => ValueTask.FromResult<Stream>(new FileStream(OpenHandle(path), FileAccess.Read, BufferBytes));

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = new FileInfo(FullPath(path));
        return ValueTask.FromResult<ObjectInfo?>(file.Exists ? new ObjectInfo(path, file.Length, file.LastWriteTimeUtc) : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectPath.ValidatePrefix(prefix);
        var slash = prefix.LastIndexOf('/');
        var folder = slash < 0 ? _root : FullPath(prefix[..slash]);
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        List<ObjectInfo> found = [];
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (!file.Name.StartsWith(TemporaryPrefix, StringComparison.Ordinal)
                && path.StartsWith(prefix, StringComparison.Ordinal)
                && (startAfter is null || string.CompareOrdinal(path, startAfter) > 0)
                && TryDescribe(file, path) is { } info)
            {
                found.Add(info);
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        foreach (var info in found)
        {
            yield return info;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var writer = await WriteTemporaryAsync(path, content, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        // The common loser is told before it writes anything; the link below is what decides.
        if (File.Exists(FullPath(path)))
        {
            return false;
        }

        var writer = await WriteTemporaryAsync(path, content, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            return writer.TryTakeFreeName();
        }
    }

    /// <inheritdoc/>
    public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
        => ValueTask.FromResult<IObjectWriter>(OpenWriter(path));

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = FullPath(path);
        try
        {
            if (!File.Exists(file))
            {
                return ValueTask.FromResult(false);
            }

            File.Delete(file);
            return ValueTask.FromResult(true);
        }
        catch (DirectoryNotFoundException)
        {
            return ValueTask.FromResult(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "deleted", e);
        }
    }

    /// <inheritdoc/>
    public bool TryGetLocalPath(string path, out string localPath)
    {
        localPath = FullPath(path);
        return true;
    }

    /// <summary>Removes temporary files that killed writers left behind.</summary>
    /// <param name="olderThan">Only those last written before this instant, so that live writers keep theirs.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <returns>How many were removed.</returns>
    public ValueTask<int> RemoveAbandonedAsync(DateTimeOffset olderThan, CancellationToken cancellationToken = default)
    {
        var removed = 0;
        if (Directory.Exists(_root))
        {
            foreach (var file in new DirectoryInfo(_root).EnumerateFiles(TemporaryPrefix + "*", SearchOption.AllDirectories))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (file.LastWriteTimeUtc < olderThan.UtcDateTime)
                {
                    file.Delete();
                    removed++;
                }
            }
        }

        return ValueTask.FromResult(removed);
    }

    private static ObjectInfo? TryDescribe(FileInfo file, string path)
    {
        try
        {
            return new ObjectInfo(path, file.Length, file.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            // Deleted between the listing and the look: not there any more, so not listed.
            return null;
        }
    }

    private static StorageException Failed(string path, string verb, Exception e)
        => new(ErrorKind.Unavailable, path, $"'{path}' could not be {verb}: {e.Message}", e);

    private string FullPath(string path)
    {
        ObjectPath.Validate(path);
        return Path.Combine(_root, path.Replace('/', Path.DirectorySeparatorChar));
    }

    private SafeFileHandle OpenHandle(string path)
    {
        try
        {
            return File.OpenHandle(FullPath(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw StorageException.NotFound(path, $"the folder '{_root}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "read", e);
        }
    }

    private Writer OpenWriter(string path)
    {
        var target = FullPath(path);
        var folder = Path.GetDirectoryName(target)!;
        try
        {
            Directory.CreateDirectory(folder);
            var temporary = Path.Combine(folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
            return new Writer(path, target, temporary, new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes), _durable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "written", e);
        }
    }

    private async ValueTask<Writer> WriteTemporaryAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var writer = OpenWriter(path);
        try
        {
            await writer.Stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
            return writer;
        }
        catch (Exception e)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
            if (e is IOException)
            {
                throw Failed(path, "written", e);
            }

            throw;
        }
    }

    private sealed class Writer(string path, string target, string temporary, FileStream stream, bool durable) : IObjectWriter
    {
        private bool _moved;

        public Stream Stream => stream;

        public ValueTask<long> CompleteAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                var length = Seal();
                File.Move(temporary, target, overwrite: true);
                _moved = true;
                FlushFolder();
                return ValueTask.FromResult(length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed(path, "written", e);
            }
        }

        public bool TryTakeFreeName()
        {
            try
            {
                Seal();
                if (!FileSystem.TryLink(temporary, target))
                {
                    return false;
                }

                FlushFolder();
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed(path, "written", e);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (!_moved)
            {
                File.Delete(temporary);
            }
        }

        private long Seal()
        {
            stream.Flush(flushToDisk: durable);
            var length = stream.Length;
            stream.Dispose();
            return length;
        }

        private void FlushFolder()
        {
            if (durable)
            {
                FileSystem.FlushFolder(Path.GetDirectoryName(target)!);
            }
        }
    }
}
