using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>How a timetable is kept in a store.</summary>
internal sealed record TimetableSpecification
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Kind { get; init; }

    public string? Expression { get; init; }

    public string? Zone { get; init; }

    public double? PeriodMs { get; init; }

    public int? Months { get; init; }

    public DateTimeOffset? Anchor { get; init; }

    public IReadOnlyList<string>? Parts { get; init; }

    public static string Write(TimetableSpecification specification) => JsonSerializer.Serialize(specification, Json);

    public static ITimetable Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return JsonSerializer.Deserialize<TimetableSpecification>(text, Json)?.ToTimetable()
                ?? throw new TimetableException($"'{text}' is no timetable.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new TimetableException($"'{text}' is no timetable: {exception.Message}", exception);
        }
    }

    private ITimetable ToTimetable() => Kind switch
    {
        "manual" => Timetable.Manual,
        "once" => new OnceTimetable(Anchor ?? DateTimeOffset.UnixEpoch),
        "every" => new PeriodTimetable(TimeSpan.FromMilliseconds(PeriodMs ?? 0), Anchor ?? DateTimeOffset.UnixEpoch),
        "months" => new MonthTimetable(Months ?? 0, Anchor ?? DateTimeOffset.UnixEpoch),
        "cron" or "cron-point" => new CronTimetable(Expression ?? string.Empty, Zone ?? string.Empty, Kind == "cron-point"),
        "union" => new UnionTimetable([.. (Parts ?? []).Select(Read)]),
        _ => throw new TimetableException($"'{Kind}' is no kind of timetable."),
    };
}
