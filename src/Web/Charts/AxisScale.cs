using System.Globalization;

namespace DataPlatform.Web.Charts;

/// <summary>Maps values to pixels and picks round tick values.</summary>
internal readonly record struct AxisScale(double Minimum, double Maximum, double From, double To)
{
    private double Span => Maximum > Minimum ? Maximum - Minimum : 1;

    public double Place(double value) => From + ((value - Minimum) / Span * (To - From));

    /// <summary>At most <paramref name="countMax"/> + 1 values at a step of 1, 2 or 5 times a power of ten.</summary>
    public IEnumerable<double> Ticks(int countMax)
    {
        var rough = Span / countMax;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
        for (var tick = Math.Ceiling(Minimum / step) * step; tick <= Maximum + (step / 1e6); tick += step)
        {
            yield return Math.Round(tick, 10) is var round && round == 0 ? 0 : round;
        }
    }

    /// <summary>A value as a person writes it on an axis: 1.5M, 20k, 0.25.</summary>
    public static string Label(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + "G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
