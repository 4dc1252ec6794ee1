using System.Buffers;
using System.Text;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Notes come from outside: what a body threw, or the last lines of a program, whatever their length and bytes. Made such that every store
/// keeps them.</summary>
internal static class NoteText
{
    /// <summary>Characters of a note that are kept: its beginning and its end.</summary>
    public const int LengthMax = 16 * 1024;

    /// <summary>PostgreSQL keeps no NUL, and half a surrogate pair is no text.</summary>
    private static readonly SearchValues<char> Suspects = SearchValues.Create(['\0', .. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);

    /// <summary>The note as it is kept; null for none.</summary>
    /// <param name="note">The note as it came.</param>
    public static string? Of(string? note)
    {
        if (note?.Length > LengthMax)
        {
            const int Half = LengthMax / 2;
            note = FormattableString.Invariant($"{note[..Half]}\n… {note.Length - LengthMax} characters are left out …\n{note[^Half..]}");
        }

        return note.AsSpan().ContainsAny(Suspects) ? Clean(note!) : note;
    }

    private static string Clean(string note)
    {
        var clean = new StringBuilder(note.Length);
        foreach (var rune in note.EnumerateRunes())
        {
            clean.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());
        }

        return clean.ToString();
    }
}
