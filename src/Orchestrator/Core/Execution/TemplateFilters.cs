using System.Globalization;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What filters do to a value: a text, a JSON value, an instant or a day. Pure.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, bool> NeedsArgument = new(StringComparer.Ordinal)
    {
        ["date"] = false,
        ["unix"] = false,
        ["json"] = false,
        ["sql"] = false,
        ["sh"] = false,
        ["id"] = false,
        ["upper"] = false,
        ["lower"] = false,
        ["default"] = true,
        ["format"] = true,
        ["zone"] = true,
        ["add"] = true,
        ["days"] = true,
        ["months"] = true,
        ["start"] = true,
    };

    /// <summary>Why a filter can never be applied; null when it may.</summary>
    public static string? WhyNot(TemplateFilter filter)
    {
        if (!NeedsArgument.TryGetValue(filter.Name, out var needs))
        {
            return $"has no filter '{filter.Name}'; there are {string.Join(", ", NeedsArgument.Keys.Order(StringComparer.Ordinal))}";
        }

        if (needs != filter.Argument is not null)
        {
            return needs ? $"needs a value after '{filter.Name}:'" : $"takes no value after '{filter.Name}'";
        }

        return (filter.Name, filter.Argument) switch
        {
            ("zone", { } zone) when !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) => $"names a zone '{zone}', which is not known",
            ("add", { } text) when Elapsed(text) is null => $"adds '{text}', which is no duration such as 90m or -6h",
            ("days" or "months", { } text) when !int.TryParse(text, CultureInfo.InvariantCulture, out _) =>
                $"adds '{text}', which is no whole number",
            ("start", not ("hour" or "day" or "week" or "month" or "year")) => "starts at none of hour, day, week, month and year",
            _ => null,
        };
    }

    /// <exception cref="FormatException">The value is not of a kind the filter takes.</exception>
    public static object? Apply(TemplateFilter filter, object? value) => filter.Name switch
    {
        "default" => value ?? filter.Argument,
        "json" => JsonOf(value),
        "sql" => TemplateText.SqlLiteral(value),
        "sh" => TemplateText.ShellWord(TemplateText.Plain(Needed(value))),
        "id" => TemplateText.SqlIdentifier(TemplateText.Plain(Needed(value))),
        "upper" => TemplateText.Plain(Needed(value)).ToUpperInvariant(),
        "lower" => TemplateText.Plain(Needed(value)).ToLowerInvariant(),
        "date" => value is DateOnly ? value : DateOnly.FromDateTime(InstantOf(value).Local),
        "format" => value is DateOnly day ? day.ToString(filter.Argument, CultureInfo.InvariantCulture)
            : InstantOf(value).Format(filter.Argument!),
        "unix" => InstantOf(value).Instant.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        "zone" => InstantOf(value) with { Zone = TimeZoneInfo.FindSystemTimeZoneById(filter.Argument!) },
        "add" => InstantOf(value).Add(Elapsed(filter.Argument!)!.Value),
        "days" => InstantOf(value).AddDays(int.Parse(filter.Argument!, CultureInfo.InvariantCulture)),
        "months" => InstantOf(value).AddMonths(int.Parse(filter.Argument!, CultureInfo.InvariantCulture)),
        _ => InstantOf(value).StartOf(filter.Argument!),
    };

    private static string JsonOf(object? value) => value switch
    {
        null => "null",
        JsonElement element => element.GetRawText(),
        _ => JsonSerializer.Serialize(TemplateText.Plain(value), JsonSerializerOptions.Web),
    };

    private static object Needed(object? value) => value ?? throw new FormatException("has no value");

    /// <summary>Texts are instants too, as a parameter or a value of a task gives them.</summary>
    private static ZonedTime InstantOf(object? value) => value switch
    {
        ZonedTime time => time,
        DateOnly day => new ZonedTime(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), TimeZoneInfo.Utc),
        _ when DateTimeOffset.TryParse(
            TemplateText.Plain(Needed(value)), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) =>
                new ZonedTime(instant, TimeZoneInfo.Utc),
        _ => throw new FormatException($"is '{TemplateText.Plain(Needed(value))}', which is no instant"),
    };

    private static TimeSpan? Elapsed(string text)
    {
        var isBack = text.StartsWith('-');
        return DurationText.TryParse(isBack ? text[1..] : text, out var duration) ? isBack ? -duration : duration : null;
    }
}
