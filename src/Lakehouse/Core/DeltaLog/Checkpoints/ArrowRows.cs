using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.Scans;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Reads values out of the struct columns of a checkpoint by field name; a missing column reads as null.</summary>
internal readonly struct ArrowRows
{
    private readonly StructArray? _array;
    private readonly Dictionary<string, IArrowArray> _fields;

    public ArrowRows(IArrowArray? array)
    {
        _array = array as StructArray;
        _fields = new(StringComparer.OrdinalIgnoreCase);
        if (_array is not null)
        {
            var type = (StructType)_array.Data.DataType;
            for (var i = 0; i < type.Fields.Count; i++)
            {
                _fields[type.Fields[i].Name] = ArrowLarge.Plain(_array.Fields[i]);
            }
        }
    }

    public bool IsNull(int row) => _array is null || _array.IsNull(row);

    public bool Has(string name) => _fields.ContainsKey(name);

    public IArrowArray? Field(string name) => _fields.GetValueOrDefault(name);

    public ArrowRows Struct(string name) => new(Field(name));

    public string? Text(string name, int row) => Field(name) is StringArray texts && !texts.IsNull(row) ? texts.GetString(row) : null;

    public long? Number(string name, int row) => Field(name) switch
    {
        Int64Array numbers => numbers.GetValue(row),
        Int32Array numbers => numbers.GetValue(row),
        _ => null,
    };

    public bool? Flag(string name, int row) => Field(name) is BooleanArray flags ? flags.GetValue(row) : null;

    public IReadOnlyList<string>? Texts(string name, int row)
        => Field(name) is ListArray lists && !lists.IsNull(row) && lists.GetSlicedValues(row) is StringArray texts
            ? [.. Enumerable.Range(0, texts.Length).Select(i => texts.GetString(i))]
            : null;

    public IReadOnlyDictionary<string, string?>? Values(string name, int row)
    {
        if (Field(name) is not MapArray maps || maps.IsNull(row))
        {
            return null;
        }

        var keys = (StringArray)maps.Keys;
        var values = (StringArray)maps.Values;
        var first = maps.ValueOffsets[row];
        var end = maps.ValueOffsets[row + 1];
        Dictionary<string, string?> result = new(end - first, StringComparer.Ordinal);
        for (var i = first; i < end; i++)
        {
            result[keys.GetString(i)] = values.GetString(i);
        }

        return result;
    }
}
