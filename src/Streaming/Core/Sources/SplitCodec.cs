using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Sources;

/// <summary>The positions of a source's splits as operator state, and their distribution over subtasks.</summary>
internal static class SplitCodec
{
    public const string StateName = "splits";
    public const string Schema = "splits/1";

    public static void Write(StateWriter writer, IReadOnlyList<SourceSplit> splits)
    {
        foreach (var split in splits)
        {
            writer.WriteString(split.Id);
            writer.WriteBoolean(split.IsFinished);
            writer.WriteBytes(split.Position.Span);
        }
    }

    public static IReadOnlyList<SourceSplit> Read(RestoredOperator restored)
    {
        List<SourceSplit> splits = [];
        restored.Read(StateName, static _ => true, static s => s.Equals(Schema, StringComparison.Ordinal), (ref StateReader reader) =>
        {
            while (reader.Remaining > 0)
            {
                var id = reader.ReadString();
                var finished = reader.ReadBoolean();
                splits.Add(new SourceSplit(id, reader.ReadBytes().ToArray(), finished));
            }
        });
        return splits;
    }

    /// <summary>Splits in the order of their ids, dealt out in turn; the positions of a checkpoint win over fresh ones.</summary>
    public static IReadOnlyList<SourceSplit>[] Distribute(IReadOnlyList<SourceSplit> listed, IReadOnlyList<SourceSplit> restored, int parallelism)
    {
        var byId = new SortedDictionary<string, SourceSplit>(StringComparer.Ordinal);
        foreach (var split in listed.Concat(restored))
        {
            byId[split.Id] = split;
        }

        var shares = new List<SourceSplit>[parallelism];
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
