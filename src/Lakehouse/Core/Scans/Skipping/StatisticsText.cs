using System.Text;
using System.Text.Json;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Reads the wanted columns' bounds out of statistics texts, in one pass over each and without an object per value.</summary>
internal sealed class StatisticsText
{
    private readonly Node _wanted = new(default);
    private readonly BoundsBuilder[] _builders;

    private StatisticsText(IReadOnlyList<StatisticsColumn> columns, int count)
    {
        _builders = [.. columns.Select(c => new BoundsBuilder(c.Type, count))];
        for (var i = 0; i < columns.Count; i++)
        {
            _wanted.Add(columns[i].Path, i);
        }
    }

    /// <summary>Starts on a chunk of files.</summary>
    public static StatisticsText For(IReadOnlyList<StatisticsColumn> columns, int count) => new(columns, count);

    /// <summary>The bounds read, by column.</summary>
    public ColumnBounds[] Bounds => [.. _builders.Select(b => b.Bounds)];

    /// <summary>The bounds of one file whose statistics are a text.</summary>
    public static Func<StatisticsColumn, Bounds> Of(string? stats)
    {
        var bytes = stats is null ? null : Encoding.UTF8.GetBytes(stats);
        return column =>
        {
            var text = For([column], 1);
            text.Read(0, bytes);
            return text._builders[0].Bounds.Of(0);
        };
    }

    /// <summary>Takes the statistics of a file; damaged or missing ones prove nothing.</summary>
    public void Read(int row, ReadOnlySpan<byte> stats)
    {
        if (stats.IsEmpty)
        {
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(stats);
            long records = -1;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadPart(row, ref reader, ref records);
            }

            foreach (var builder in _builders)
            {
                builder.Finish(row, records);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            foreach (var builder in _builders)
            {
                builder.Abandon();
            }
        }
    }

    private void ReadPart(int row, ref Utf8JsonReader reader, ref long records)
    {
        if (reader.ValueTextEquals("numRecords"u8))
        {
            reader.Read();
            records = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) ? count : -1;
        }
        else if (reader.ValueTextEquals("minValues"u8))
        {
            Walk(row, ref reader, _wanted, Part.Minimum);
        }
        else if (reader.ValueTextEquals("maxValues"u8))
        {
            Walk(row, ref reader, _wanted, Part.Maximum);
        }
        else if (reader.ValueTextEquals("nullCount"u8))
        {
            Walk(row, ref reader, _wanted, Part.Nulls);
        }
        else
        {
            reader.Skip();
        }
    }

    private void Walk(int row, ref Utf8JsonReader reader, Node node, Part part)
    {
        reader.Read();
        if (node.Columns.Count > 0)
        {
            Take(row, ref reader, node, part);
        }

        if (reader.TokenType != JsonTokenType.StartObject || node.Children.Count == 0)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Node? next = null;
            foreach (var child in node.Children)
            {
                if (reader.ValueTextEquals(child.Name))
                {
                    next = child;
                    break;
                }
            }

            if (next is null)
            {
                reader.Skip();
            }
            else
            {
                Walk(row, ref reader, next, part);
            }
        }
    }

    private void Take(int row, ref Utf8JsonReader reader, Node node, Part part)
    {
        foreach (var column in node.Columns)
        {
            if (part != Part.Nulls)
            {
                _builders[column].Set(row, part == Part.Minimum, ref reader);
            }
            else if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var nulls))
            {
                _builders[column].SetNulls(nulls);
            }
        }
    }

    private enum Part
    {
        Minimum,
        Maximum,
        Nulls,
    }

    private sealed class Node(byte[]? name)
    {
        public byte[] Name { get; } = name ?? [];

        public List<Node> Children { get; } = [];

        public List<int> Columns { get; } = [];

        public void Add(ReadOnlySpan<string> path, int column)
        {
            if (path.IsEmpty)
            {
                Columns.Add(column);
                return;
            }

            var name = Encoding.UTF8.GetBytes(path[0]);
            var child = Children.Find(c => c.Name.AsSpan().SequenceEqual(name));
            if (child is null)
            {
                Children.Add(child = new Node(name));
            }

            child.Add(path[1..], column);
        }
    }
}
