using System.Text;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Numbers the distinct partition values of a chunk of files; each is turned into a value once.</summary>
internal sealed class PartitionCodes(StructField field, int count)
{
    private readonly int[] _codes = new int[count];
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<string?> _texts = [null];
    private byte[] _last = [];
    private int _lastCode;

    /// <summary>Takes the value of a file; null and empty are both NULL.</summary>
    public void Set(int row, string? text) => _codes[row] = string.IsNullOrEmpty(text) ? 0 : Code(text);

    /// <summary>Takes the value of a file in UTF-8.</summary>
    public void Set(int row, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            _codes[row] = 0;
            return;
        }

        // Files of one partition often follow each other.
        if (!utf8.SequenceEqual(_last))
        {
            _last = utf8.ToArray();
            _lastCode = Code(Encoding.UTF8.GetString(utf8));
        }

        _codes[row] = _lastCode;
    }

    /// <exception cref="DeltaException">A text is not a value of the column's type.</exception>
    public PartitionBounds ToBounds()
        => new PartitionBounds(_codes.Length, _codes, [.. _texts.Select(t => ArrowValues.Of(PartitionColumn.Of(field, t, 1), 0))]).WithFacts();

    private int Code(string text)
    {
        if (!_known.TryGetValue(text, out var code))
        {
            code = _texts.Count;
            _known.Add(text, code);
            _texts.Add(text);
        }

        return code;
    }
}
