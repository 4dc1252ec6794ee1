using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>What can be done, the same for forms and for the API: each action is kept in the audit log, and says in a sentence what it did.</summary>
internal static class Actions
{
    public static async Task<string> MarkAsync(QualityConsole console, HttpContext http, string series, DateTimeOffset at, PointFeedback says)
    {
        if (!await console.Series!.MarkAsync(series, at, says, http.RequestAborted).ConfigureAwait(false))
        {
            throw new QualityException(ErrorKind.Invalid, $"The series '{series}' has no point at {at.UtcDateTime:O}.");
        }

        var action = says switch { PointFeedback.Real => "mark real", PointFeedback.FalsePositive => "mark false alarm", _ => "take mark back" };
        await NoteAsync(console, http, action, string.Create(CultureInfo.InvariantCulture, $"series/{series}@{at.UtcDateTime:O}"), string.Empty).ConfigureAwait(false);
        return says switch
        {
            PointFeedback.Real => "The point is kept out of baselines: a repeat will be found too.",
            PointFeedback.FalsePositive => "The point belongs to the baseline now.",
            _ => "What was said of the point is taken back.",
        };
    }

    /// <summary>Saves what is edited as the version after the one it began with.</summary>
    /// <exception cref="QualityException">The text has problems, the caller may not, or somebody was faster.</exception>
    public static async Task<SuiteVersion> SaveAsync(QualityConsole console, HttpContext http, SuiteEditor editor)
    {
        var caller = await Caller.OfAsync(http).ConfigureAwait(false);
        if (caller.Role < AccessRole.Admin)
        {
            throw new QualityException(ErrorKind.Invalid, "Only admins save suites. Operators may check and try them.");
        }

        if (editor.Check is not { Suite: { } suite, Problems: [] })
        {
            throw new QualityException(ErrorKind.Invalid, $"The text has {editor.Check.Problems.Count} problems, the first at {editor.Check.Problems[0].At}: {editor.Check.Problems[0].Message}");
        }

        // A suite that got another name while it was edited begins a history of its own.
        var number = suite.Name == editor.Base ? editor.BaseVersion + 1 : 1;
        var version = new SuiteVersion(
            suite.Name, number, suite.Table, editor.Notation.Name, editor.Text, suite.Rules.Count, console.Time.GetUtcNow(), caller.Name, editor.Reason.Trim());
        await console.Suites!.SaveAsync(version, http.RequestAborted).ConfigureAwait(false);
        return version;
    }

    /// <summary>Keeps what somebody did.</summary>
    public static async Task NoteAsync(QualityConsole console, HttpContext http, string action, string subject, string reason)
    {
        var caller = await Caller.OfAsync(http).ConfigureAwait(false);
        await console.Audit!.AppendAsync(new AuditEntry(0, console.Time.GetUtcNow(), caller.Name, action, subject, reason), http.RequestAborted).ConfigureAwait(false);
    }
}
