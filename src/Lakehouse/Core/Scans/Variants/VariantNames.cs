using System.Text;

namespace DataPlatform.Lakehouse.Scans.Variants;

/// <summary>The names of a variant's object fields by id: its binary <c>metadata</c>.</summary>
internal sealed class VariantNames
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The bytes are not a variant's metadata.</exception>
    public VariantNames(ReadOnlySpan<byte> metadata)
    {
        if (metadata.Length < 2 || (metadata[0] & 0x0F) != 1)
        {
            throw new InvalidDataException("a variant's metadata is not of version 1");
        }

        var width = (metadata[0] >> 6) + 1;
        _names = new string[VariantBytes.Number(metadata, 1, width)];
        var offsets = 1 + width;
        var data = offsets + ((_names.Length + 1) * width);
        for (var id = 0; id < _names.Length; id++)
        {
            var start = VariantBytes.Number(metadata, offsets + (id * width), width);
            var end = VariantBytes.Number(metadata, offsets + ((id + 1) * width), width);
            _names[id] = Encoding.UTF8.GetString(metadata[(data + start)..(data + end)]);
            _ids[_names[id]] = id;
        }
    }

    public string NameOf(int id) => id < _names.Length ? _names[id] : throw new InvalidDataException($"a variant names field {id} of {_names.Length}");

    public int IdOf(string name) => _ids.TryGetValue(name, out var id) ? id : throw new InvalidDataException($"a variant's metadata lacks its field '{name}'");
}
