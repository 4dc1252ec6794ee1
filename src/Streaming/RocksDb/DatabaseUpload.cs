using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// The table files of one database that the checkpoint store has, by their local names, which are unique over the life of the database. A
/// file
/// is uploaded once and referred to by every later checkpoint that has it. Only one upload runs at a time.
/// </summary>
internal sealed class UploadedFiles
{
    private Dictionary<string, DatabaseFile> _files = new(StringComparer.Ordinal);

    public UploadedFiles(IEnumerable<DatabaseFile> files)
    {
        foreach (var file in files)
        {
            _files.Add(file.Name, file);
        }
    }

    public DatabaseFile? Find(string name) => _files.GetValueOrDefault(name);

    public void Add(DatabaseFile file) => _files[file.Name] = file;

    /// <summary>Forgets files that the database does not have any more.</summary>
    public void Keep(IEnumerable<DatabaseFile> files) => _files = files.ToDictionary(static f => f.Name, StringComparer.Ordinal);
}

/// <summary>The linked files of a moment, on their way to the checkpoint store: table files that it has are only named.</summary>
internal sealed class DatabaseUpload(
    OperatorContext context, string folder, UploadedFiles uploaded, IReadOnlyList<DatabaseState> states) : StateUpload(context.Uid)
{
    private const string TableExtension = ".sst";

    public override async ValueTask<UploadedDatabase> UploadAsync(StateUploadTarget target, CancellationToken cancellationToken)
    {
        List<DatabaseFile> own = [];
        List<DatabaseFile> tables = [];
        var writtenBytes = 0L;
        foreach (var path in Directory.EnumerateFiles(folder).Where(IsNeeded).Order(StringComparer.Ordinal))
        {
            var isTable = path.EndsWith(TableExtension, StringComparison.Ordinal);
            var known = isTable ? uploaded.Find(Path.GetFileName(path)) : null;
            if (known is null)
            {
                known = await target.UploadAsync(path, isTable, cancellationToken).ConfigureAwait(false);
                writtenBytes += known.Length;
            }

            (isTable ? tables : own).Add(known);
            if (isTable)
            {
                // At once: what failed after it need not be uploaded again, and every later checkpoint must refer to this one copy.
                uploaded.Add(known);
            }
        }

        uploaded.Keep(tables);
        return new UploadedDatabase(
            OperatorUid,
            new StateDatabase(
                RocksDbStateBackend.BackendName, context.KeyGroups.First, context.KeyGroups.Last, states, [.. own, .. tables]),
            writtenBytes);
    }

    public override void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        base.Dispose();
    }

    /// <summary>There is no log to replay, and the settings come from the job.</summary>
    private static bool IsNeeded(string path)
    {
        var name = Path.GetFileName(path);
        return !name.EndsWith(".log", StringComparison.Ordinal) && !name.StartsWith(
            "OPTIONS", StringComparison.Ordinal) && name != "IDENTITY";
    }
}
