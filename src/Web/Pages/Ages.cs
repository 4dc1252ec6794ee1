using System.Globalization;

namespace DataPlatform.Web.Pages;

/// <summary>Durations and distances in time as people say them.</summary>
public static class Ages
{
    /// <summary>How long ago or how far ahead.</summary>
    /// <param name="at">The instant.</param>
    /// <param name="now">The present.</param>
    public static string Of(DateTimeOffset at, DateTimeOffset now) => at <= now ? Of(now - at) + " ago" : "in " + Of(at - now);

    /// <summary>A length of time: <c>0.42 s</c>, <c>37 s</c>, <c>5 min 12 s</c>, <c>3 h 5 min</c>, <c>12 d 4 h</c>.</summary>
    /// <param name="length">The length; negative ones count as none.</param>
    public static string Of(TimeSpan length) => length switch
    {
        { TotalSeconds: < 0.0005 } => "0 s",
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.##} s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.Seconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.Minutes} min {length.Seconds} s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{length.Hours} h {length.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)length.TotalDays} d {length.Hours} h"),
    };
}
