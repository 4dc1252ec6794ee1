using System.Text;

namespace DataPlatform.Streaming.Generators;

/// <summary>Lines of C# with their indentation, and names that occur once.</summary>
internal sealed class SourceLines
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private int _names;

    public void Add(string line)
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
    }

    public void Open()
    {
        Add("{");
        _depth++;
    }

    public void Close(string after = "")
    {
        _depth--;
        Add("}" + after);
    }

    public string NewName(string prefix) => prefix + (_names++).ToString(System.Globalization.CultureInfo.InvariantCulture);

    public override string ToString() => _text.ToString();
}
