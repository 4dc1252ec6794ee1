using System.Globalization;
using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Logs;

/// <summary>The log of a try that runs in this process. Writers never wait for the store.</summary>
#pragma warning disable CA1001 // Neither the buffer nor the semaphore holds a handle, and a timer that fires late may still wait for the latter.
internal sealed partial class TaskLog
#pragma warning restore CA1001
{
    // Room for the line that says how much was left out.
    private const int LastLineBytes = 128;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskLogId _id;
    private readonly IObjectStore _store;
    private readonly TaskLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _closed;
    private readonly MemoryStream _pending = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _bytes;
    private long _linesLeftOut;
    private int _parts;
    private ITimer? _timer;
    private bool _isDue;
    private bool _isClosed;

    public TaskLog(TaskLogId id, IObjectStore store, TaskLogOptions options, TimeProvider time, ILogger logger, Action closed)
    {
        (_id, _store, _options, _time, _logger, _closed) = (id, store, options, time, logger, closed);
    }

    /// <summary>What a reader sees: how many parts are stored, what lies behind its place in memory, and when to look again.</summary>
    public readonly record struct View(int Parts, ReadOnlyMemory<byte> Pending, Task Changed);

    /// <summary>Adds a text, line by line.</summary>
    public void Write(string text)
    {
        var stamp = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture);
        var isFull = false;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            foreach (var line in text.AsSpan().TrimEnd('\n').EnumerateLines())
            {
                Append(stamp, line);
            }

            if (_pending.Length >= _options.PartBytes)
            {
                isFull = !_isDue;
                _isDue = true;
            }
            else
            {
                Arm();
            }

            Signal();
        }

        if (isFull)
        {
            _ = FlushAsync();
        }
    }

    /// <summary>Looks at the log from a place.</summary>
    public View Look(int part, int offset)
    {
        lock (_gate)
        {
            var pending = part == _parts && offset < _pending.Length ? _pending.GetBuffer().AsSpan(offset, (int)_pending.Length - offset).ToArray() : [];
            return new View(_parts, pending, _changed.Task);
        }
    }

    /// <summary>Writes the rest; the log is closed afterwards, also when the store does not answer.</summary>
    public async Task CompleteAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_linesLeftOut > 0)
            {
                _pending.Write(Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"... {_linesLeftOut} more lines are left out: a log has at most {_options.BytesMax} bytes\n")));
            }
        }

        await FlushAsync().ConfigureAwait(false);
        _closed();
        lock (_gate)
        {
            Signal();
            _timer?.Dispose();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Append(string stamp, ReadOnlySpan<char> line)
    {
        var length = stamp.Length + Encoding.UTF8.GetByteCount(line) + 1;
        if (_bytes + length > _options.BytesMax - LastLineBytes)
        {
            _linesLeftOut++;
            return;
        }

        _bytes += length;
        var at = (int)_pending.Length;
        _pending.SetLength(at + length);
        var room = _pending.GetBuffer().AsSpan(at, length);
        var written = Encoding.UTF8.GetBytes(stamp, room);
        written += Encoding.UTF8.GetBytes(line, room[written..]);
        room[written] = (byte)'\n';
        _pending.Position = _pending.Length;
    }

    // Most tries write nothing and never need a timer.
    private void Arm()
    {
        if (_isDue || _isClosed || _pending.Length == 0)
        {
            return;
        }

        _isDue = true;
        _timer ??= _time.CreateTimer(static state => _ = ((TaskLog)state!).FlushAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_options.FlushAfter, Timeout.InfiniteTimeSpan);
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }

    private async Task FlushAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            byte[] content;
            int part;
            lock (_gate)
            {
                _isDue = false;
                (content, part) = (_pending.ToArray(), _parts);
            }

            if (content.Length == 0)
            {
                return;
            }

            await _store.PutAsync(_id.Part(part), content).ConfigureAwait(false);
            Stored(content.Length);
        }
        catch (Exception e) when (e is DataPlatformException or IOException or UnauthorizedAccessException)
        {
            LogNotStored(_id.DagId, _id.RunId, _id.TaskId, _id.Try, e);
        }
        finally
        {
            _writing.Release();
        }
    }

    // A reader's place stays right: it counts from the first byte of the part that is now in the store.
    private void Stored(int length)
    {
        lock (_gate)
        {
            var rest = (int)_pending.Length - length;
            var buffer = _pending.GetBuffer();
            buffer.AsSpan(length, rest).CopyTo(buffer);
            _pending.SetLength(rest);
            _pending.Position = rest;
            _parts++;
            Arm();

            Signal();
        }
    }

    [LoggerMessage(EventId = 3140, Level = LogLevel.Warning, Message = "The log of {DagId}/{RunId}/{TaskId}#{Try} could not be stored; its lines wait for the next write")]
    private partial void LogNotStored(string dagId, long runId, string taskId, int @try, Exception exception);
}
