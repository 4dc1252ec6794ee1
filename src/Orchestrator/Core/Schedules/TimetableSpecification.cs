using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>How a timetable is kept in a store.</summary>
internal sealed record TimetableSpecification
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Kinds that other packages brought.</summary>
    private static readonly ConcurrentDictionary<string, Func<string, ITimetable>> Kinds = new(StringComparer.Ordinal);

    public required string Kind { get; init; }

    public string? Expression { get; init; }

    public string? Zone { get; init; }

    public double? PeriodMs { get; init; }

    public int? Months { get; init; }

    public DateTimeOffset? Anchor { get; init; }

    public CronDialect? Dialect { get; init; }

    public uint? Seed { get; init; }

    public IReadOnlyList<string>? Parts { get; init; }

    public static string Write(TimetableSpecification specification) => JsonSerializer.Serialize(specification, Json);

    public static void AddKind(string kind, Func<string, ITimetable> read) => Kinds[kind] = read;

    public static ITimetable Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return JsonSerializer.Deserialize<TimetableSpecification>(text, Json)?.ToTimetable(text)
                ?? throw new TimetableException($"'{text}' is no timetable.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new TimetableException($"'{text}' is no timetable: {exception.Message}", exception);
        }
    }

    private ITimetable ToTimetable(string text) => Kind switch
    {
        "manual" => Timetable.Manual,
        "once" => new OnceTimetable(Anchor ?? DateTimeOffset.UnixEpoch),
        "every" => new PeriodTimetable(TimeSpan.FromMilliseconds(PeriodMs ?? 0), Anchor ?? DateTimeOffset.UnixEpoch),
        "months" => new MonthTimetable(Months ?? 0, Anchor ?? DateTimeOffset.UnixEpoch),
        "cron" or "cron-point" => new CronTimetable(
            Expression ?? string.Empty, Zone ?? string.Empty, Kind == "cron-point", Dialect ?? CronDialect.Cronos, Seed),
        "jitter" when Parts is [var inner] => new JitterTimetable(Read(inner), TimeSpan.FromMilliseconds(PeriodMs ?? 0), Seed),
        "union" => new UnionTimetable([.. (Parts ?? []).Select(Read)]),
        _ when Kinds.TryGetValue(Kind, out var read) => read(text),
        _ => throw new TimetableException(
            $"'{Kind}' is no kind of timetable here: a package that has it registers it with Timetable.AddKind before DAGs are read."),
    };
}
