using System.Collections.Concurrent;
using ParquetSharp.Arrow;
using ParquetSharp.IO;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>
/// A stream that Arrow reads through callbacks. Arrow reads ahead on threads of its own, and one of them may let go of the file last, after
/// the reader was disposed; the file's destructor then calls back once more, to close the stream. ParquetSharp keeps the callbacks only as
/// long as the reader, and a callback that was collected ends the process; so they are kept here until that last call came.
/// </summary>
internal sealed class NativeStream : Stream
{
    /// <summary>How many closed files keep their callbacks: one that is being closed is still inside its last call.</summary>
    private const int ClosedKept = 256;

    private static readonly ConcurrentDictionary<NativeStream, ManagedRandomAccessFile> Open = new();
    private static readonly ConcurrentQueue<ManagedRandomAccessFile> Closed = new();
    private readonly Stream _stream;

    private NativeStream(Stream stream) => _stream = stream;

    /// <summary>Files that Arrow has not closed yet.</summary>
    public static int OpenCount => Open.Count;

    public override bool CanRead => _stream.CanRead;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _stream.Length;

    public override long Position
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    /// <summary>Opens a reader over a stream, which is closed once neither the reader nor a thread of Arrow's needs it.</summary>
    public static FileReader OpenReader(Stream stream, ArrowReaderProperties properties)
    {
        var rooted = new NativeStream(stream);
        using var file = new ManagedRandomAccessFile(rooted, leaveOpen: false);
        Open[rooted] = file;

        // The reader holds the native file itself, so that the handle on it can go now: the close comes when the last holder lets go.
        return new FileReader(file, null, properties);
    }

    public override int Read(Span<byte> buffer) => _stream.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => _stream.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => _stream.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("The file is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The file is read only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && Open.TryRemove(this, out var file))
        {
            Closed.Enqueue(file);
            while (Closed.Count > ClosedKept)
            {
                Closed.TryDequeue(out _);
            }

            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
