using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Trials;
using DataPlatform.Quality.Web.Views;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>What the buttons of the editor do to what is edited; only saving leaves the page.</summary>
internal static class SuiteForm
{
    /// <summary>The editor as the page sent it back.</summary>
    public static SuiteEditor Read(QualityConsole console, IFormCollection form) => new()
    {
        Base = RuleFilter.Given(form["base"]),
        BaseVersion = int.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : 0,
        Notation = SuiteEditor.NotationOf(console, form["notation"]),
        Text = form["text"].ToString().ReplaceLineEndings("\n"),
        Reason = form["reason"].ToString(),
        Kind = RuleForm.All.FirstOrDefault(f => f.Kind == form["kind"])?.Kind ?? RuleForm.All[0].Kind,
        SampleRows = int.TryParse(form["rows"], CultureInfo.InvariantCulture, out var rows) ? Math.Clamp(rows, 1, TrialOptions.SampleRowsMax) : new TrialOptions().SampleRows,
    };

    public static async Task<SuiteEditor> ApplyAsync(QualityConsole console, SuiteEditor editor, IFormCollection form, CancellationToken cancellationToken)
    {
        var (action, argument) = form["do"].ToString().Split(':', 2) is [var name, var rest] ? (name, rest) : (form["do"].ToString(), string.Empty);
        try
        {
            return action switch
            {
                "try" => editor with { Trial = await TryAsync(console, editor, cancellationToken).ConfigureAwait(false) },
                "suggest" => await SuggestAsync(console, editor, cancellationToken).ConfigureAwait(false),
                "take" => await SuggestAsync(console, Rewrite(editor, json => SuiteEdits.Add(json, Rule(argument))), cancellationToken).ConfigureAwait(false),
                "add" => Rewrite(editor, json => SuiteEdits.Add(json, RuleForm.All.First(f => f.Kind == editor.Kind).Rule(field => form["f-" + field]))),
                "remove" => Rewrite(editor, json => SuiteEdits.Remove(json, int.TryParse(argument, CultureInfo.InvariantCulture, out var place) ? place : -1)),
                "apply" => Rewrite(editor, json => Quick(json, form)),
                "write" => Rewrite(editor with { Notation = SuiteEditor.NotationOf(console, argument) }, json => json, editor),
                _ => editor,
            };
        }
        catch (QualityException e)
        {
            return editor with { Refusal = e.Message };
        }
    }

    private static async Task<SuiteTrial> TryAsync(QualityConsole console, SuiteEditor editor, CancellationToken cancellationToken)
        => await Bench(console).TryAsync(Actions.Whole(editor), new TrialOptions { SampleRows = editor.SampleRows }, cancellationToken).ConfigureAwait(false);

    /// <summary>Suggestions that the suite does not have yet.</summary>
    private static async Task<SuiteEditor> SuggestAsync(QualityConsole console, SuiteEditor editor, CancellationToken cancellationToken)
    {
        var suite = Actions.Whole(editor);
        var table = suite.Table;
        var all = await Bench(console).SuggestAsync(table, new TrialOptions { SampleRows = editor.SampleRows }, cancellationToken).ConfigureAwait(false);
        var known = suite.Rules.Select(r => r.Id).ToHashSet();
        return editor with { Suggestions = [.. all.Where(s => !known.Contains(IdOf(table, s)))] };
    }

    private static string IdOf(string table, RuleSuggestion suggestion)
        => Rules.Documents.SuiteDocument.Read(RuleSuggestions.Document(table, [suggestion]).ToJsonString()).Rules[0].Id;

    private static ISuiteWorkbench Bench(QualityConsole console)
        => console.Workbench ?? throw new QualityException(ErrorKind.Invalid, "Nothing can be tried here: the pages were mounted without a workbench.");

    private static SuiteEditor Rewrite(SuiteEditor editor, Func<string, string> change, SuiteEditor? before = null)
    {
        var json = (before ?? editor).Check.Json ?? throw new QualityException(ErrorKind.Invalid, "The text cannot be read; mend it first.");
        return editor with { Text = editor.Notation.Write(change(json)) };
    }

    private static string Quick(string json, IFormCollection form)
    {
        foreach (var (name, value) in form)
        {
            var cut = name.LastIndexOf('-');
            if (cut > 0 && SuiteEdits.Quick.Contains(name[..cut]) && int.TryParse(name[(cut + 1)..], CultureInfo.InvariantCulture, out var place))
            {
                // Critical is what a rule is that does not say: it need not be said.
                json = SuiteEdits.Set(json, place, name[..cut], name.StartsWith("severity", StringComparison.Ordinal) && value == "critical" ? string.Empty : value.ToString());
            }
        }

        return json;
    }

    private static JsonNode Rule(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? throw new QualityException(ErrorKind.Invalid, "There is no rule to add.");
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"'{text}' is no rule: {e.Message}", e);
        }
    }
}
