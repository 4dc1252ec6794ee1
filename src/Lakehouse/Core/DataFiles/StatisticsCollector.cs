using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>Gathers a data file's statistics while it is written, and gives them as the JSON text of <see cref="AddFile.Stats"/>.</summary>
internal sealed class StatisticsCollector
{
    private readonly Node[] _nodes;
    private long _rows;

    /// <summary>Makes a collector for a file's columns.</summary>
    /// <param name="schema">The physical schema.</param>
    /// <param name="indexed">Leading leaf columns that get statistics; -1 for all.</param>
    /// <param name="named">Columns that get statistics instead of the leading ones, by physical path; null for none.</param>
    /// <param name="always">Columns that get statistics beside the others, by physical path.</param>
    /// <param name="without">How many of the last columns get none.</param>
    public StatisticsCollector(
        Schema schema, int indexed, IReadOnlyList<string>? named, IReadOnlyList<string>? always = null, int without = 0)
    {
        var left = indexed < 0 ? int.MaxValue : indexed;
        _nodes = [.. schema.FieldsList.SkipLast(without).Select(f => Node.Of(f, f.Name, ref left, named, always ?? []))];
    }

    public void Add(RecordBatch batch)
    {
        _rows += batch.Length;
        for (var i = 0; i < _nodes.Length; i++)
        {
            _nodes[i].Add(batch.Column(i), null);
        }
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("numRecords", _rows);
            Write(writer, "minValues", c => c.HasMinimum, (c, w) => c.WriteMinimum(w));
            Write(writer, "maxValues", c => c.HasMaximum, (c, w) => c.WriteMaximum(w));
            Write(writer, "nullCount", _ => true, (c, w) => w.WriteNumberValue(c.NullCount));
            writer.WriteBoolean("tightBounds", true);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private void Write(Utf8JsonWriter writer, string name, Func<ColumnStatistics, bool> has, Action<ColumnStatistics, Utf8JsonWriter> write)
    {
        writer.WriteStartObject(name);
        foreach (var node in _nodes)
        {
            node.Write(writer, has, write);
        }

        writer.WriteEndObject();
    }

    /// <summary>A field: a leaf with statistics, a struct of fields, or a column without statistics.</summary>
    private sealed class Node(string name, ColumnStatistics? leaf, Node[] children)
    {
        public static Node Of(Field field, string path, ref int left, IReadOnlyList<string>? named, IReadOnlyList<string> always)
        {
            if (field.DataType is StructType structure)
            {
                var children = new Node[structure.Fields.Count];
                for (var i = 0; i < children.Length; i++)
                {
                    children[i] = Of(structure.Fields[i], $"{path}.{structure.Fields[i].Name}", ref left, named, always);
                }

                return new Node(field.Name, null, children);
            }

            var wanted = (named?.Any(n => path == n || path.StartsWith(n + ".", StringComparison.Ordinal)) ?? left-- > 0)
                || always.Contains(path);
            return new Node(field.Name, wanted ? ColumnStatistics.For(field.DataType) : null, []);
        }

        private bool HasAny(Func<ColumnStatistics, bool> has) => leaf is not null ? has(leaf) : children.Any(c => c.HasAny(has));

        public void Add(IArrowArray array, Func<int, bool>? parentIsNull)
        {
            leaf?.Add(array, parentIsNull);
            if (children.Length > 0)
            {
                Func<int, bool>? isNull = array.NullCount == 0 ? parentIsNull : i => array.IsNull(i) || parentIsNull?.Invoke(i) == true;
                for (var i = 0; i < children.Length; i++)
                {
                    children[i].Add(((StructArray)array).Fields[i], isNull);
                }
            }
        }

        public void Write(Utf8JsonWriter writer, Func<ColumnStatistics, bool> has, Action<ColumnStatistics, Utf8JsonWriter> write)
        {
            if (!HasAny(has))
            {
                return;
            }

            if (leaf is not null)
            {
                writer.WritePropertyName(name);
                write(leaf, writer);
                return;
            }

            writer.WriteStartObject(name);
            foreach (var child in children)
            {
                child.Write(writer, has, write);
            }

            writer.WriteEndObject();
        }
    }
}
