namespace DataPlatform.Orchestrator.Schedules;

/// <summary>The span of data a run is about: from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
/// <param name="Start">First instant inside, UTC.</param>
/// <param name="End">First instant after, UTC; equal to <paramref name="Start"/> for point-in-time timetables and for runs that
/// no timetable gives an interval.</param>
public readonly record struct DataInterval(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>An interval without length.</summary>
    /// <param name="instant">Its instant.</param>
    public static DataInterval At(DateTimeOffset instant) => new(instant, instant);

    /// <inheritdoc/>
    public override string ToString() => $"[{Start:u}, {End:u})";
}
