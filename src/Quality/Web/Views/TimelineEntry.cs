namespace DataPlatform.Quality.Web.Views;

/// <summary>Something that happened.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="What">What, in a few words.</param>
/// <param name="Detail">More about it; may be empty.</param>
/// <param name="Tone"><c>good</c>, <c>warn</c>, <c>bad</c>, or empty.</param>
public sealed record TimelineEntry(DateTimeOffset At, string What, string Detail, string Tone);
