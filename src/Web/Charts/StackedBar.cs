namespace DataPlatform.Web.Charts;

/// <summary>A bar made of parts.</summary>
/// <param name="Label">What stands below it.</param>
/// <param name="Values">Its parts from the bottom up, in the order of the chart's <see cref="StackedBars.Parts"/>.</param>
/// <param name="Tip">What its tooltip says beside the label.</param>
public sealed record StackedBar(string Label, IReadOnlyList<double> Values, string Tip = "");
