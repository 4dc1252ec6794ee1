using System.Globalization;

namespace DataPlatform.Samples.FlightDelays.Display;

/// <summary>Lines for a file or a pipe: at most one set of stages a second.</summary>
public sealed class PlainDisplay(TextWriter output) : IProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private TimeSpan _last = TimeSpan.FromSeconds(-1);

    /// <inheritdoc/>
    public void Say(string line) => output.WriteLine(line);

    /// <inheritdoc/>
    public void Show(TimeSpan elapsed, IReadOnlyList<StageProgress> stages)
    {
        if (elapsed - _last < Interval)
        {
            return;
        }

        _last = elapsed;
        foreach (var stage in stages)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds,6:0.0} s  {stage.Name,-12} {stage.Rate,14}  {stage.Position}  {stage.Detail}"));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
