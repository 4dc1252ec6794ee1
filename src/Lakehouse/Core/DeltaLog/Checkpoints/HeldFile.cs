using DataPlatform.Kernel.Storage;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>
/// A file held for later reads, so that its columns need not all be decoded at once: an open handle where the store has local files (a
/// clean-up may delete the name, the content stays), else its bytes. Immutable; any number of streams may read it at once.
/// </summary>
internal sealed class HeldFile
{
    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _bytes;

    private HeldFile(SafeFileHandle? handle, ReadOnlyMemory<byte> bytes, long length)
    {
        _handle = handle;
        _bytes = bytes;
        Length = length;
    }

    public long Length { get; }

    /// <exception cref="DeltaException">There is no such file.</exception>
    public static async ValueTask<HeldFile> OpenAsync(IObjectStore store, string path, CancellationToken cancellationToken)
    {
        if (store.TryGetLocalPath(path, out var local))
        {
            try
            {
                var handle = File.OpenHandle(local, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
                return new HeldFile(handle, default, RandomAccess.GetLength(handle));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw DeltaException.Corrupt(path, "it is missing, though the log names it", e);
            }
        }

        var bytes = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw DeltaException.Corrupt(path, "it is missing, though the log names it");
        return new HeldFile(null, bytes, bytes.Length);
    }

    /// <summary>A stream from the beginning, which can seek.</summary>
    public Stream OpenRead() => new Reader(this);

    private int Read(long position, Span<byte> buffer)
    {
        if (_handle is not null)
        {
            return RandomAccess.Read(_handle, buffer, position);
        }

        var count = (int)Math.Min(buffer.Length, Math.Max(0, Length - position));
        _bytes.Span.Slice((int)Math.Min(position, Length), count).CopyTo(buffer);
        return count;
    }

    private sealed class Reader(HeldFile file) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => file.Length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = file.Read(Position, buffer);
            Position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException("The file is read only.");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The file is read only.");
    }
}
