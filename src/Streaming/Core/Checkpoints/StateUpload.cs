namespace DataPlatform.Streaming.Checkpoints;

/// <summary>A frozen database of an operator, ready to be uploaded on any thread. Uploads of one subtask follow each other.</summary>
internal abstract class StateUpload(string operatorUid) : IDisposable
{
    public string OperatorUid { get; } = operatorUid;

    /// <summary>Uploads the files that the store does not have yet.</summary>
    public abstract ValueTask<UploadedDatabase> UploadAsync(StateUploadTarget target, CancellationToken cancellationToken);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A database in the store, and how many bytes this checkpoint added for it.</summary>
internal sealed record UploadedDatabase(string OperatorUid, StateDatabase Database, long WrittenBytes);

/// <summary>Puts what the subtasks wrote together.</summary>
internal static class OperatorStates
{
    /// <summary>The state of all operators, ordered by uid.</summary>
    public static IReadOnlyList<OperatorState> Of(
        IEnumerable<(string OperatorUid, StateSection Section)> sections, IEnumerable<UploadedDatabase> databases)
    {
        var bySection = sections.ToLookup(static s => s.OperatorUid, static s => s.Section, StringComparer.Ordinal);
        var byDatabase = databases.ToLookup(static d => d.OperatorUid, static d => d.Database, StringComparer.Ordinal);
        return [.. bySection.Select(static g => g.Key).Union(byDatabase.Select(static g => g.Key), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(uid => new OperatorState(uid, Ordered(bySection[uid]), byDatabase.Contains(uid) ? [.. byDatabase[uid].OrderBy(static d => d.FirstKeyGroup)] : null))];
    }

    private static IReadOnlyList<StateSection> Ordered(IEnumerable<StateSection> sections) => [.. sections
        .OrderBy(
            static s => s.State,
            StringComparer.Ordinal).ThenBy(static s => s.FirstKeyGroup).ThenBy(static s => s.File, StringComparer.Ordinal)];
}
