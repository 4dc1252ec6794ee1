namespace DataPlatform.Web.Charts;

/// <summary>A point of a <see cref="BandChart"/>.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Value">The value.</param>
/// <param name="Centre">What was expected; null where nothing was.</param>
/// <param name="Lower">The lowest value that is normal; null for none, minus infinity for no limit.</param>
/// <param name="Upper">The highest value that is normal; null for none, infinity for no limit.</param>
/// <param name="Tone">Marks the point; null for a plain one.</param>
/// <param name="Tip">What its tooltip says.</param>
public readonly record struct BandPoint(
    DateTimeOffset At, double Value, double? Centre, double? Lower, double? Upper, ChartTone? Tone = null, string Tip = "");
