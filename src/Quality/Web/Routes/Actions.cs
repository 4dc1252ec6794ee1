using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>What can be done, the same for forms and for the API: each action is kept in the audit log, and says in a sentence what it did.</summary>
internal static class Actions
{
    private const double HoursMuted = 24;
    private static readonly TimeSpan MuteMax = TimeSpan.FromDays(90);

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

    /// <summary>Acknowledges, mutes or resolves an incident, or an alert that is in none.</summary>
    public static async Task<string> ActAsync(QualityConsole console, HttpContext http, string id, string what, double? hours, string? reason)
    {
        var length = hours ?? HoursMuted;
        if (!(length > 0 && length <= MuteMax.TotalHours))
        {
            throw new QualityException(ErrorKind.Invalid, string.Create(CultureInfo.InvariantCulture, $"An incident is muted for up to {MuteMax.TotalDays} days, not for {length} hours."));
        }

        var until = console.Time.GetUtcNow() + TimeSpan.FromHours(length);
        Func<Alert, Alert> change = what switch
        {
            "acknowledge" => AlertMachine.Acknowledge,
            "mute" => alert => AlertMachine.Mute(alert, until),
            "resolve" => AlertMachine.Resolve,
            _ => throw new QualityException(ErrorKind.Invalid, $"'{what}' cannot be done to an incident; there are acknowledge, mute, resolve."),
        };
        var key = console.Incidents is { } incidents && await incidents.FindAsync(id, http.RequestAborted).ConfigureAwait(false) is { } incident ? incident.AlertKey : id;
        await console.Desk!.ChangeAsync(key, change, http.RequestAborted).ConfigureAwait(false);
        await NoteAsync(console, http, what == "mute" ? string.Create(CultureInfo.InvariantCulture, $"mute until {until.UtcDateTime:yyyy-MM-dd HH:mm}") : what, key, reason ?? string.Empty).ConfigureAwait(false);
        return what switch
        {
            "acknowledge" => "Acknowledged: no more reminders.",
            "mute" => string.Create(CultureInfo.InvariantCulture, $"Muted until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
            _ => "Resolved. It is opened anew when it is seen to be wrong again.",
        };
    }

    /// <summary>Says by hand whether a column depends on another.</summary>
    public static async Task<string> AnnotateAsync(
        QualityConsole console, HttpContext http, ColumnId source, ColumnId target, LineageAnnotationKind kind, string? reason)
    {
        if (new[] { source.Dataset, source.Column, target.Dataset, target.Column }.Any(string.IsNullOrWhiteSpace) || source == target)
        {
            throw new QualityException(ErrorKind.Invalid, "Two different columns are needed, each with its dataset; '*' stands for all columns.");
        }

        var caller = await Caller.OfAsync(http).ConfigureAwait(false);
        console.Lineage!.Annotate(new LineageAnnotation(source, target, kind, caller.Name, console.Time.GetUtcNow(), reason ?? string.Empty));
        if (console.LineageKeeper is { } keeper)
        {
            await keeper.SaveAsync(http.RequestAborted).ConfigureAwait(false);
        }

        await NoteAsync(console, http, $"say {kind.ToString().ToLowerInvariant()}", $"lineage/{source} > {target}", reason ?? string.Empty).ConfigureAwait(false);
        return $"It is kept that you said so of {source} and {target}.";
    }

    /// <summary>Profiles a sample of a table and keeps that.</summary>
    public static async Task<string> ProfileAsync(QualityConsole console, HttpContext http, string table)
    {
        var state = await console.Workbench!.ProfileAsync(table, cancellationToken: http.RequestAborted).ConfigureAwait(false);
        var version = (await console.Catalog.TableAsync(table, http.RequestAborted).ConfigureAwait(false))?.Version?.Version;
        await console.Profiles!.PutAsync(new StoredProfile(table, string.Empty, version, console.Time.GetUtcNow(), state.Profiles()), http.RequestAborted).ConfigureAwait(false);
        await NoteAsync(console, http, "profile", $"table/{table}", string.Empty).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"{state.Columns.Count} columns profiled.");
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

        var suite = Whole(editor);

        // A suite that got another name while it was edited begins a history of its own.
        var number = suite.Name == editor.Base ? editor.BaseVersion + 1 : 1;
        var version = new SuiteVersion(
            suite.Name, number, suite.Table, editor.Notation.Name, editor.Text, suite.Rules.Count, console.Time.GetUtcNow(), caller.Name, editor.Reason.Trim());
        await console.Suites!.SaveAsync(version, http.RequestAborted).ConfigureAwait(false);
        return version;
    }

    /// <summary>The suite of a text without problems.</summary>
    /// <exception cref="QualityException">The text has problems.</exception>
    public static QualitySuite Whole(SuiteEditor editor) => editor.Check is { Suite: { } suite }
        ? suite
        : throw new QualityException(ErrorKind.Invalid, $"The text has {editor.Check.Problems.Count} problems, the first at {editor.Check.Problems[0].At}: {editor.Check.Problems[0].Message}");

    /// <summary>Keeps what somebody did.</summary>
    public static async Task NoteAsync(QualityConsole console, HttpContext http, string action, string subject, string reason)
    {
        var caller = await Caller.OfAsync(http).ConfigureAwait(false);
        await console.Audit!.AppendAsync(new AuditEntry(0, console.Time.GetUtcNow(), caller.Name, action, subject, reason), http.RequestAborted).ConfigureAwait(false);
    }
}
