using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Keeps a scheduler's log in a folder of plain files. One process leads; the lock goes with the process.</summary>
/// <remarks>
/// Thread-safe for one leader. Every record is on the disk before its append completes. A record that was not finished when the machine
/// stopped is cut off by the next leader; any other damage is an error that names the record.
/// </remarks>
public sealed class FileStateStore : IStateStore
{
    private readonly string _folder;
    private readonly LogFile _log;
    private FileStream? _lock;
    private long _epoch;

    private FileStateStore(string folder)
    {
        _folder = folder;
        _log = new LogFile(folder);
    }

    /// <summary>Opens a folder, making it when it is not there.</summary>
    /// <param name="folder">The folder; it should hold nothing else.</param>
    public static FileStateStore Open(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        return new FileStateStore(folder);
    }

    private string EpochPath => Path.Combine(_folder, "epoch");

    /// <inheritdoc/>
    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Path.Combine(_folder, "leader.lock");
        try
        {
            _lock ??= new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new SchedulerException(ErrorKind.Conflict,
                $"Another process leads from '{_folder}' (it holds '{path}'): stop it first, or use PostgreSQL for several.", error);
        }

        try
        {
            _log.CutUnfinished();
            var last = File.Exists(EpochPath) && long.TryParse(File.ReadAllText(EpochPath), CultureInfo.InvariantCulture, out var known)
                ? known : 0;
            _epoch = Math.Max(last, _log.LastEpoch()) + 1;
            DurableFile.Write(EpochPath, Encoding.ASCII.GetBytes(_epoch.ToString(CultureInfo.InvariantCulture)));
            return ValueTask.FromResult(_epoch);
        }
        catch
        {
            _lock.Dispose();
            _lock = null;
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default)
        => ValueTask.FromResult(NewestState() is { } path ? ReadState(path) : null);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadLogAsync(
        long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var record in _log.Read(afterSequence))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        EnsureLeads(record.Epoch);
        _log.Append(record);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        EnsureLeads(state.Epoch);
        var name = string.Create(CultureInfo.InvariantCulture, $"state-{state.Sequence:D20}-{state.Epoch}");
        DurableFile.Write(Path.Combine(_folder, name), state.Payload.Span);
        _log.DropUpTo(state.Sequence);
        foreach (var older in States().SkipLast(1).ToArray())
        {
            File.Delete(older);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default)
    {
        if (epoch == _epoch && _lock is not null)
        {
            _log.Close();
            await _lock.DisposeAsync().ConfigureAwait(false);
            _lock = null;
            _epoch = 0;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ReleaseAsync(_epoch);

    private static SavedState ReadState(string path)
    {
        var parts = Path.GetFileName(path).Split('-');
        return new SavedState(long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture),
            File.ReadAllBytes(path));
    }

    private string? NewestState() => States().LastOrDefault();

    private IEnumerable<string> States()
        => Directory.EnumerateFiles(_folder, "state-*").Where(path => !path.EndsWith(DurableFile.Unfinished, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private void EnsureLeads(long epoch)
    {
        if (_lock is null || epoch != _epoch)
        {
            throw new SchedulerException(ErrorKind.Conflict, $"Epoch {epoch} is over: this store was claimed with epoch {_epoch}.");
        }
    }
}
