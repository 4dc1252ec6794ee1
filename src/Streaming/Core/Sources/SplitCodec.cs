using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Sources;

/// <summary>The positions of a source's splits as operator state, and their distribution over subtasks.</summary>
internal static class SplitCodec
{
    public const string StateName = "splits";
    public const string Schema = "splits/1";

    public static void Write(StateWriter writer, IReadOnlyList<AssignedSplit> splits)
    {
        foreach (var (split, watermarkMs) in splits)
        {
            writer.WriteString(split.Id);
            writer.WriteBoolean(split.IsFinished);
            writer.WriteInt64(watermarkMs);
            writer.WriteBytes(split.Position.Span);
        }
    }

    public static IReadOnlyList<AssignedSplit> Read(RestoredOperator restored)
    {
        List<AssignedSplit> splits = [];
        restored.Read(StateName, static _ => true, static s => s.Equals(Schema, StringComparison.Ordinal), (ref StateReader reader) =>
        {
            while (reader.Remaining > 0)
            {
                var id = reader.ReadString();
                var finished = reader.ReadBoolean();
                var watermarkMs = reader.ReadInt64();
                splits.Add(new AssignedSplit(new SourceSplit(id, reader.ReadBytes().ToArray(), finished), watermarkMs));
            }
        });
        return splits;
    }

    /// <summary>Splits in the order of their ids, dealt out in turn; the positions of a checkpoint win over fresh ones.</summary>
    public static IReadOnlyList<AssignedSplit>[] Distribute(IReadOnlyList<SourceSplit> listed, IReadOnlyList<AssignedSplit> restored, int parallelism)
    {
        var byId = new SortedDictionary<string, AssignedSplit>(StringComparer.Ordinal);
        foreach (var split in listed.Select(static s => new AssignedSplit(s, long.MinValue)).Concat(restored))
        {
            byId[split.Split.Id] = split;
        }

        var shares = new List<AssignedSplit>[parallelism];
        for (var i = 0; i < parallelism; i++)
        {
            shares[i] = [];
        }

        var next = 0;
        foreach (var split in byId.Values)
        {
            shares[next++ % parallelism].Add(split);
        }

        return shares;
    }
}
