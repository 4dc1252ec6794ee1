using DataPlatform.Kernel.Storage;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>A Parquet file opened from the store: by path where the store has local files, else through a stream.</summary>
internal sealed class ParquetSource : IAsyncDisposable
{
    private readonly string? _localPath;
    private readonly Stream? _stream;

    private ParquetSource(string? localPath, Stream? stream)
    {
        _localPath = localPath;
        _stream = stream;
    }

    public static async ValueTask<ParquetSource> OpenAsync(IObjectStore store, string path, CancellationToken cancellationToken)
    {
        if (store.TryGetLocalPath(path, out var local))
        {
            return File.Exists(local)
                ? new ParquetSource(local, null)
                : throw DeltaException.Corrupt(path, "it is missing, though the log names it");
        }

        try
        {
            return new ParquetSource(null, await store.OpenReadAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (StorageException e) when (e.Kind == Kernel.ErrorKind.Invalid)
        {
            throw DeltaException.Corrupt(path, "it is missing, though the log names it", e);
        }
    }

    public FileReader OpenArrow()
    {
        using var properties = ArrowReaderProperties.GetDefault();
        // Nanoseconds cannot hold the years of edge timestamps; microseconds are Delta's unit.
        properties.CoerceInt96TimestampUnit = Apache.Arrow.Types.TimeUnit.Microsecond;
        return _localPath is null ? NativeStream.OpenReader(_stream!, properties) : new FileReader(_localPath, null, properties);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }
}
