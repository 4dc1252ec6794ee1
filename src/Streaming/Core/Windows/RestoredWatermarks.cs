using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>
/// How far event time had come for each key group when the checkpoint was taken. After a restore the watermark begins anew, and until it has
/// caught up this says what is late.
/// </summary>
internal sealed class RestoredWatermarks(KeyGroupRange groups, int maxParallelism)
{
    private const string Name = "watermark";
    private const string Schema = "watermark/1";

    // Null when nothing was restored or the watermark has passed them all: then a look costs one comparison.
    private long[]? _beforeMs;

    /// <summary>Whether time had come to a moment before the restore.</summary>
    public bool HasReached(int hash, long timeMs)
        => _beforeMs is not null && timeMs <= _beforeMs[KeyGroups.GroupOf(hash, maxParallelism) - groups.First];

    /// <summary>The watermark has come to a time.</summary>
    public void Pass(long watermarkMs)
    {
        if (_beforeMs is not null && Array.TrueForAll(_beforeMs, before => before <= watermarkMs))
        {
            _beforeMs = null;
        }
    }

    public void Snapshot(SubtaskSnapshot snapshot, string uid, long watermarkMs)
    {
        var bytes = new StateWriter?[groups.Last - groups.First + 1];
        for (var group = 0; group < bytes.Length; group++)
        {
            var reachedMs = Math.Max(watermarkMs, _beforeMs?[group] ?? long.MinValue);
            if (reachedMs != long.MinValue)
            {
                bytes[group] = new StateWriter();
                bytes[group]!.WriteVarUInt64((ulong)(groups.First + group));
                bytes[group]!.WriteInt64(reachedMs);
            }
        }

        snapshot.Add(new GroupedStateSource(uid, Name, string.Empty, Schema, groups, bytes));
    }

    public void Restore(RestoredOperator restored)
        => restored.Read(Name, static _ => true, static s => s.Equals(Schema, StringComparison.Ordinal), (ref StateReader reader) =>
        {
            if (_beforeMs is null)
            {
                _beforeMs = new long[groups.Last - groups.First + 1];
                Array.Fill(_beforeMs, long.MinValue);
            }

            var group = checked((int)reader.ReadVarUInt64());
            _beforeMs[group - groups.First] = reader.ReadInt64();
        });
}
