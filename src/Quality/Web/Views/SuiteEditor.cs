using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Trials;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A suite while it is edited: everything the editor shows comes from here, and the page sends it back with each button.</summary>
public sealed record SuiteEditor
{
    private SuiteText? _check;

    /// <summary>The suite that is edited; null for a new one.</summary>
    public string? Base { get; init; }

    /// <summary>The version that the text began with; 0 for a new suite.</summary>
    public int BaseVersion { get; init; }

    /// <summary>The notation of the text.</summary>
    public required ISuiteNotation Notation
    {
        get;
        init
        {
            field = value;
            _check = null;
        }
    }

    /// <summary>The text.</summary>
    public required string Text
    {
        get;
        init
        {
            field = value;
            _check = null;
        }
    }

    /// <summary>Why it is changed, in the author's words.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>The kind of rule whose form is open.</summary>
    public string Kind { get; init; } = "not-null";

    /// <summary>Rows of a trial's sample.</summary>
    public int SampleRows { get; init; } = new TrialOptions().SampleRows;

    /// <summary>What became of the last trial; null for none.</summary>
    public SuiteTrial? Trial { get; init; }

    /// <summary>Rules that could be added; null when none were asked for.</summary>
    public IReadOnlyList<RuleSuggestion>? Suggestions { get; init; }

    /// <summary>What could not be done, in a sentence; null for nothing.</summary>
    public string? Refusal { get; init; }

    /// <summary>The text, checked.</summary>
    public SuiteText Check => _check ??= SuiteText.Check(Text, Notation);

    /// <summary>The rules of the text, as far as they can be read.</summary>
    public IReadOnlyList<System.Text.Json.Nodes.JsonObject> Rules => Check.Json is { } json ? SuiteEdits.Rules(json) : [];

    /// <summary>Begins with the newest version of a suite, or with an empty one.</summary>
    internal static SuiteEditor Begin(QualityConsole console, SuiteVersion? version, string table)
    {
        var notation = version is null ? console.Notations[0] : NotationOf(console, version.Notation);
        return new SuiteEditor
        {
            Base = version?.Suite,
            BaseVersion = version?.Version ?? 0,
            Notation = notation,
            Text = version?.Text ?? notation.Write(SuiteEdits.Empty(table)),
        };
    }

    /// <summary>The notation of a name.</summary>
    internal static ISuiteNotation NotationOf(QualityConsole console, string? name)
        => console.Notations.FirstOrDefault(n => n.Name == name)
            ?? throw new QualityException(Kernel.ErrorKind.Invalid, $"Suites cannot be written in '{name}' here; there are {string.Join(", ", console.Notations.Select(n => n.Name))}.");
}
