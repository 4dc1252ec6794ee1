using System.Globalization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>Where a rule stands in the order of <see cref="RuleQuery"/>.</summary>
/// <param name="Rank">Its <see cref="RuleState.Rank"/>.</param>
/// <param name="Number">Its number.</param>
public readonly record struct RulePlace(int Rank, long Number)
{
    /// <summary>The place of a rule.</summary>
    /// <param name="rule">The rule.</param>
    public static RulePlace Of(RuleState rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new RulePlace(rule.Rank, rule.Number);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="QualityException">It is no such text.</exception>
    public static RulePlace Parse(string text)
        => text?.Split('-') is [var rank, var number]
            && int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var r)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? new RulePlace(r, n)
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' is no place in the list of rules; take the 'next' of the page before.");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rank}-{Number}");
}
