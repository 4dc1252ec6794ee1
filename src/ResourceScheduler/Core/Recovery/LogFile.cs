using System.Buffers.Binary;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>
/// The files of a log, <c>log-&lt;first record&gt;</c>. A record is a head of 24 bytes (length, number, epoch, checksum of these) and its
/// payload, which ends in a checksum of its own.
/// </summary>
internal sealed class LogFile(string folder)
{
    private const int HeadLength = 24;
    private const int PayloadMax = 1 << 30;
    private SafeFileHandle? _file;
    private long _length;
    private long _lastSequence;

    /// <summary>Ends what the machine was writing when it stopped: only the last record of the last file can be unfinished.</summary>
    public void CutUnfinished()
    {
        if (Files().LastOrDefault() is { } path)
        {
            var end = 0L;
            foreach (var (at, record) in Scan(path, isLast: true))
            {
                end = at + HeadLength + record.Payload.Length;
            }

            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            if (RandomAccess.GetLength(file) > end)
            {
                RandomAccess.SetLength(file, end);
                RandomAccess.FlushToDisk(file);
            }
        }
    }

    public long LastEpoch()
        => Files().LastOrDefault() is { } path ? Scan(path, isLast: true).Select(item => item.Record.Epoch).DefaultIfEmpty(0).Max() : 0;

    public IEnumerable<LogRecord> Read(long afterSequence)
    {
        var files = Files().ToArray();
        for (var i = 0; i < files.Length; i++)
        {
            if (i + 1 < files.Length && FirstOf(files[i + 1]) <= afterSequence + 1)
            {
                continue;
            }

            foreach (var (_, record) in Scan(files[i], isLast: i == files.Length - 1))
            {
                if (record.Sequence > afterSequence)
                {
                    yield return record;
                }
            }
        }
    }

    public void Append(in LogRecord record)
    {
        if (_file is null)
        {
            OpenFor(record.Sequence);
        }

        var bytes = new byte[HeadLength + record.Payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, record.Payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), record.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), record.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Checksum.Of(bytes.AsSpan(0, 20)));
        record.Payload.Span.CopyTo(bytes.AsSpan(HeadLength));
        RandomAccess.Write(_file!, bytes, _length);
        RandomAccess.FlushToDisk(_file!);
        _length += bytes.Length;
        _lastSequence = record.Sequence;
    }

    /// <summary>What comes next goes to a new file; files with nothing but records up to this one are removed.</summary>
    public void DropUpTo(long sequence)
    {
        if (_file is not null)
        {
            Close();
            OpenFor(_lastSequence + 1, isNewFile: true);
        }

        var files = Files().ToArray();
        for (var i = 0; i + 1 < files.Length && FirstOf(files[i + 1]) <= sequence + 1; i++)
        {
            File.Delete(files[i]);
        }
    }

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void OpenFor(long sequence, bool isNewFile = false)
    {
        var path = isNewFile ? null : Files().LastOrDefault();
        path ??= Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"log-{sequence:D20}"));
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _length = RandomAccess.GetLength(_file);
        FileSystem.FlushFolder(folder);
    }

    private static IEnumerable<(long At, LogRecord Record)> Scan(string path, bool isLast)
    {
        var bytes = File.ReadAllBytes(path);
        var next = FirstOf(path);
        for (var at = 0; at < bytes.Length;)
        {
            if (IsUnfinished(bytes, at))
            {
                if (!isLast)
                {
                    throw Damaged(path, next, at, "it ends too early, and later records follow in another file");
                }

                yield break;
            }

            var head = bytes.AsSpan(at, HeadLength);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head[20..]) != Checksum.Of(head[..20]))
            {
                throw Damaged(path, next, at, "the checksum of its head does not match");
            }

            var (length, sequence) = (BinaryPrimitives.ReadInt32LittleEndian(head), BinaryPrimitives.ReadInt64LittleEndian(head[4..]));
            if (sequence != next)
            {
                throw Damaged(path, next, at, $"record {sequence} lies in its place");
            }

            var record = new LogRecord(sequence, BinaryPrimitives.ReadInt64LittleEndian(head[12..]), bytes.AsMemory(at + HeadLength,
                length));
            yield return (at, record);
            at += HeadLength + length;
            next++;
        }
    }

    /// <summary>
    /// A record is unfinished when the file ends inside it, or when nothing but zeros follows: a file can grow before its bytes are
    /// there. Anything else was once acknowledged, and its loss must not pass for an unfinished write.
    /// </summary>
    private static bool IsUnfinished(byte[] bytes, int at)
    {
        if (bytes.Length - at < HeadLength)
        {
            return true;
        }

        var head = bytes.AsSpan(at, HeadLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[20..]) != Checksum.Of(head[..20]))
        {
            return bytes.AsSpan(at).IndexOfAnyExcept((byte)0) < 0;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        var payload = bytes.AsSpan(at + HeadLength);
        return length is <= 0 or > PayloadMax || payload.Length < length
            || (payload.Length == length && payload[^1] == 0 && payload[(length / 2)..].IndexOfAnyExcept((byte)0) < 0);
    }

    private static SchedulerException Damaged(string path, long sequence, long at, string why) => new(ErrorKind.Corrupt,
        $"Record {sequence} of the scheduler's log is damaged: {why} ('{path}' at byte {at}). Restore the folder from a copy.");

    private static long FirstOf(string path) => long.Parse(Path.GetFileName(path)[4..], CultureInfo.InvariantCulture);

    private IEnumerable<string> Files() => Directory.EnumerateFiles(folder, "log-*").Order(StringComparer.Ordinal);
}
