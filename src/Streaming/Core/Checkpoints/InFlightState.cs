using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// Records that were on their way to a subtask when an unaligned checkpoint was taken, of one edge: { event time i64, stamp i64, record }, by key
/// group where the edge is keyed, so that they find their subtask at another parallelism.
/// </summary>
internal sealed class InFlightState(string edgeUid, string schema, KeyGroupRange? groups)
{
    public const string StateName = "in-flight";

    /// <summary>What the uids of edges begin with; no operator's does.</summary>
    public const string UidPrefix = "$in-flight/";

    private readonly StateWriter?[] _groups = new StateWriter?[groups is { } range ? range.Last - range.First + 1 : 1];

    /// <summary>Where a record goes; the group counts on keyed edges only.</summary>
    public StateWriter Of(int keyGroup) => _groups[groups is { } range ? keyGroup - range.First : 0] ??= new StateWriter();

    public void AddTo(SubtaskSnapshot snapshot)
    {
        if (Array.TrueForAll(_groups, static g => g is null))
        {
            return;
        }

        snapshot.Add(groups is { } range
            ? new GroupedStateSource(edgeUid, StateName, string.Empty, schema, range, _groups)
            : new BytesStateSource(edgeUid, StateName, StateKind.Split, schema, _groups[0]!.WrittenSpan.ToArray()));
    }
}
