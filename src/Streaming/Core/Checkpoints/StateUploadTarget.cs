using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>Where the files of one database go in one checkpoint.</summary>
/// <param name="store">The store.</param>
/// <param name="sharedPrefix">The beginning of the names of files that later checkpoints may refer to.</param>
/// <param name="ownPrefix">The beginning of the names of files that belong to this checkpoint alone.</param>
internal sealed class StateUploadTarget(IObjectStore store, string sharedPrefix, string ownPrefix)
{
    /// <summary>Uploads a file.</summary>
    /// <param name="localPath">Where it is.</param>
    /// <param name="isShared">Whether later checkpoints may refer to it.</param>
    /// <param name="cancellationToken">Leaves no file, or a whole one.</param>
    public async ValueTask<DatabaseFile> UploadAsync(string localPath, bool isShared, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(localPath);
        var path = (isShared ? sharedPrefix : ownPrefix) + name;
        var source = new FileStream(
            localPath,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            1,
            FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var closing = source.ConfigureAwait(false);
        var target = await store.OpenWriteAsync(path, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var (length, checksum) = await StateFileCopy.CopyAsync(source, target.Stream, cancellationToken).ConfigureAwait(false);
            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return new DatabaseFile(name, path, length, checksum);
        }
    }
}

/// <summary>Copies files and checks them on the way.</summary>
internal static class StateFileCopy
{
    private const int BufferBytes = 1 << 20;

    public static async ValueTask<(long Length, string Checksum)> CopyAsync(
        Stream source, Stream target, CancellationToken cancellationToken)
    {
        var hash = new XxHash3();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var length = 0L; ;)
            {
                var read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return (length, hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture));
                }

                hash.Append(buffer.AsSpan(0, read));
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                length += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Brings a file of a checkpoint to this machine.</summary>
    /// <exception cref="StreamJobException">The file is missing, short or damaged.</exception>
    public static async ValueTask FetchAsync(
        IObjectStore store, string operatorUid, DatabaseFile file, string localPath, CancellationToken cancellationToken)
    {
        try
        {
            var source = await store.OpenReadAsync(file.File, cancellationToken).ConfigureAwait(false);
            await using var closing = source.ConfigureAwait(false);
            var target = new FileStream(localPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await using var alsoClosing = target.ConfigureAwait(false);
            var (length, checksum) = await CopyAsync(source, target, cancellationToken).ConfigureAwait(false);
            if (length != file.Length || !checksum.Equals(file.Checksum, StringComparison.Ordinal))
            {
                throw new StreamJobException(
                    ErrorKind.Corrupt,
                    $"'{file.File}' is damaged: a file of the state of operator '{operatorUid}' has {length} of {file.Length} bytes or another checksum. Restore from an older checkpoint.");
            }
        }
        catch (StorageException e)
        {
            throw new StreamJobException(ErrorKind.Corrupt, $"State of operator '{operatorUid}' cannot be read: {e.Message} Restore from an older checkpoint.", e);
        }
        catch (IOException e)
        {
            throw new StreamJobException(
                ErrorKind.Unavailable, $"State of operator '{operatorUid}' cannot be brought to '{localPath}': {e.Message} Make room there, or choose another local folder.", e);
        }
    }
}
