using System.Globalization;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>What is remembered of one column of one partition, so that partitions can be added up without being read again.</summary>
/// <remarks>Not thread-safe while values are added.</remarks>
public sealed class ColumnState
{
    /// <summary>Makes an empty state.</summary>
    /// <param name="name">The column.</param>
    /// <param name="type">Its SQL type.</param>
    /// <param name="family">What can be asked of it.</param>
    public ColumnState(string name, string type, ColumnFamily family)
    {
        Name = name;
        Type = type;
        Family = family;
    }

    /// <summary>The column.</summary>
    public string Name { get; }

    /// <summary>Its SQL type.</summary>
    public string Type { get; }

    /// <summary>What can be asked of it.</summary>
    public ColumnFamily Family { get; }

    /// <summary>Rows, NULL or not.</summary>
    public long Rows { get; internal set; }

    /// <summary>Rows that hold NULL.</summary>
    public long Nulls { get; internal set; }

    /// <summary>Rows that hold NaN or an infinity.</summary>
    public long NotFinite { get; internal set; }

    /// <summary>Moments of the finite numbers; of the lengths for text; of microseconds since 1970 for times.</summary>
    public Moments Moments { get; internal set; } = Moments.Empty;

    /// <summary>Different values.</summary>
    public HyperLogLog Distinct { get; internal init; } = new();

    /// <summary>Quantiles of what <see cref="Moments"/> is about.</summary>
    public QuantileSketch Quantiles { get; internal init; } = new();

    /// <summary>Frequent values.</summary>
    public TopValues Top { get; internal init; } = new();

    /// <summary>Frequent shapes of texts, see <see cref="TextPattern"/>.</summary>
    public TopValues Patterns { get; internal init; } = new();

    /// <summary>Adds a NULL.</summary>
    public void AddNull()
    {
        Rows++;
        Nulls++;
    }

    /// <summary>Adds a number, a truth value as 0 or 1, or a time in microseconds since 1970.</summary>
    /// <param name="value">The number.</param>
    public void Add(double value)
    {
        Rows++;
        if (!double.IsFinite(value))
        {
            NotFinite++;
            return;
        }

        Measure(value);
        Distinct.Add(value);
        Top.Add(value.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Adds a number that a double does not hold exactly: it is measured as one, and told from others by its spelling.</summary>
    /// <param name="value">The nearest double.</param>
    /// <param name="spelling">The number's own text, the same for the same number.</param>
    public void Add(double value, string spelling)
    {
        ArgumentNullException.ThrowIfNull(spelling);
        Rows++;
        Measure(value);
        Distinct.Add(spelling);
        Top.Add(spelling);
    }

    /// <summary>Adds a text.</summary>
    /// <param name="value">The text.</param>
    public void Add(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Rows++;
        Measure(value.Length);
        Distinct.Add(value);
        Top.Add(value);
        Patterns.Add(TextPattern.Of(value));
    }

    /// <summary>Takes in the state of another partition of the same column.</summary>
    /// <param name="other">The other; unchanged.</param>
    public void Merge(ColumnState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Rows += other.Rows;
        Nulls += other.Nulls;
        NotFinite += other.NotFinite;
        Moments = Moments.Merge(other.Moments);
        Distinct.Merge(other.Distinct);
        Quantiles.Merge(other.Quantiles);
        Top.Merge(other.Top);
        Patterns.Merge(other.Patterns);
    }

    private void Measure(double value)
    {
        Moments = Moments.Add(value);
        Quantiles.Add(value);
    }
}
