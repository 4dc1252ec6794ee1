using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>Collects the rules of one table.</summary>
/// <remarks>
/// Not thread-safe. Every method takes <see cref="RuleSettings"/>, for which a bare <see cref="Severity"/> will do; null means critical, no
/// filter, no violation borne.
/// </remarks>
public sealed partial class QualitySuiteBuilder
{
    private readonly string _table;
    private readonly List<QualityRule> _rules = [];
    private readonly HashSet<string> _masked = new(StringComparer.OrdinalIgnoreCase);
    private string _name;

    /// <summary>Begins a suite.</summary>
    /// <param name="table">The table the rules speak of; part of every rule's id, so keep it when the suite is renamed.</param>
    public QualitySuiteBuilder(string table)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        _table = table;
        _name = table;
    }

    /// <summary>Names the suite; without it, the table's name is used.</summary>
    /// <param name="name">The name history is kept under.</param>
    public QualitySuiteBuilder Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _name = name;
        return this;
    }

    /// <summary>Hides the values of columns in samples of failed rows.</summary>
    /// <param name="columns">The columns.</param>
    public QualitySuiteBuilder MaskInSamples(params IEnumerable<string> columns)
    {
        _masked.UnionWith(columns);
        return this;
    }

    /// <summary>The table has these columns.</summary>
    /// <param name="columns">The columns; a bare name accepts any type.</param>
    /// <param name="match">Whether others may be there too, and whether order counts.</param>
    /// <param name="settings">Severity and the rest; a filter and a threshold mean nothing here.</param>
    public QualitySuiteBuilder Schema(IReadOnlyList<ExpectedColumn> columns, SchemaMatch match = SchemaMatch.Contains, RuleSettings? settings = null)
    {
        RuleArguments.NotEmpty(columns);
        return Add(new SchemaRule([.. columns], match, settings ?? RuleSettings.Default));
    }

    /// <summary>A column exists.</summary>
    /// <param name="column">Its name.</param>
    /// <param name="type">Its type; null for any.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder HasColumn(string column, string? type = null, RuleSettings? settings = null)
        => Schema([new ExpectedColumn(column, type)], SchemaMatch.Contains, settings);

    /// <summary>A column has no NULL.</summary>
    /// <param name="column">The column.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder NotNull(string column, RuleSettings? settings = null) => Rows(new NotNullCondition(column), settings);

    /// <summary>Values lie between two limits, both included; NULL is left to <see cref="NotNull"/>, NaN never holds.</summary>
    /// <param name="column">The column.</param>
    /// <param name="minimum">The lowest value that holds; null for none.</param>
    /// <param name="maximum">The highest value that holds; null for none.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder InRange(string column, RuleValue? minimum, RuleValue? maximum, RuleSettings? settings = null)
    {
        RuleArguments.Ordered(minimum, maximum);
        return Rows(new RangeCondition(column, minimum, maximum), settings);
    }

    /// <summary>Values are of a list.</summary>
    /// <param name="column">The column.</param>
    /// <param name="values">The list.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder InSet(string column, IReadOnlyList<RuleValue> values, RuleSettings? settings = null)
        => Rows(new SetCondition(column, RuleArguments.NotEmpty(values)), settings);

    /// <summary>Values are none of a list.</summary>
    /// <param name="column">The column.</param>
    /// <param name="values">The list.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder NotInSet(string column, IReadOnlyList<RuleValue> values, RuleSettings? settings = null)
        => Rows(new SetCondition(column, RuleArguments.NotEmpty(values), Forbidden: true), settings);

    /// <summary>Texts match a regular expression from end to end.</summary>
    /// <param name="column">A text column.</param>
    /// <param name="pattern">The expression, RE2 syntax.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder Matches(string column, string pattern, RuleSettings? settings = null)
        => Rows(new PatternCondition(column, RuleArguments.Text(pattern)), settings);

    /// <summary>Texts have so many code points.</summary>
    /// <param name="column">A text column.</param>
    /// <param name="minimum">The fewest; null for none.</param>
    /// <param name="maximum">The most; null for none.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder LengthBetween(string column, int? minimum, int? maximum, RuleSettings? settings = null)
    {
        RuleArguments.Lengths(minimum, maximum);
        return Rows(new LengthCondition(column, minimum, maximum), settings);
    }

    /// <summary>Texts are spellings of another type.</summary>
    /// <param name="column">A text column.</param>
    /// <param name="family">The type wanted.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder CastableTo(string column, ColumnFamily family, RuleSettings? settings = null)
        => Rows(new CastCondition(column, RuleArguments.Castable(family)), settings);

    /// <summary>A SQL expression over each row is not false.</summary>
    /// <param name="expression">One boolean expression, for example <c>arrived >= departed</c>.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder RowSql(string expression, RuleSettings? settings = null)
        => Rows(new SqlCondition(RuleArguments.Text(expression)), settings);

    /// <summary>A column has no value twice.</summary>
    /// <param name="column">The column.</param>
    /// <param name="settings">Severity and the rest.</param>
    /// <param name="nullsEqual">Whether two NULLs are the same value.</param>
    public QualitySuiteBuilder Unique(string column, RuleSettings? settings = null, bool nullsEqual = false) => Unique([column], settings, nullsEqual);

    /// <summary>No two rows have an equal key. Violations are the surplus rows: all but one of each group.</summary>
    /// <param name="columns">The key's columns.</param>
    /// <param name="settings">Severity and the rest.</param>
    /// <param name="nullsEqual">Whether NULL equals NULL; otherwise a row with a NULL in its key is never a duplicate.</param>
    public QualitySuiteBuilder Unique(IReadOnlyList<string> columns, RuleSettings? settings = null, bool nullsEqual = false)
        => Add(new UniqueRule(RuleArguments.NotEmpty(columns), nullsEqual, settings ?? RuleSettings.Default));

    /// <summary>Every value occurs in a column of another relation; NULL refers to nothing and holds.</summary>
    /// <param name="column">The column.</param>
    /// <param name="reference">The other relation's name, see <see cref="QualityTarget.References"/>.</param>
    /// <param name="referenceColumn">The column there.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder References(string column, string reference, string referenceColumn, RuleSettings? settings = null)
        => References([column], reference, [referenceColumn], settings);

    /// <summary>Every key occurs in another relation; a key with a NULL in it refers to nothing and holds.</summary>
    /// <param name="columns">The key's columns.</param>
    /// <param name="reference">The other relation's name.</param>
    /// <param name="referenceColumns">The key's columns there, in the same order.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder References(
        IReadOnlyList<string> columns, string reference, IReadOnlyList<string> referenceColumns, RuleSettings? settings = null)
    {
        RuleArguments.SameLength(RuleArguments.NotEmpty(columns), RuleArguments.NotEmpty(referenceColumns));
        return Add(new ReferenceRule(columns, RuleArguments.Text(reference), referenceColumns, settings ?? RuleSettings.Default));
    }

    /// <summary>The table has so many rows.</summary>
    /// <param name="minimum">The fewest; null for none.</param>
    /// <param name="maximum">The most; null for none.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder RowCountBetween(long? minimum, long? maximum, RuleSettings? settings = null)
    {
        RuleArguments.Ordered(minimum, maximum);
        return Add(new RowCountRule(minimum, maximum, settings ?? RuleSettings.Default));
    }

    /// <summary>The newest time in a column is not older than an age.</summary>
    /// <param name="column">A date or time column; without a zone it is taken as UTC.</param>
    /// <param name="ageMax">The greatest age, as elapsed time; positive.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder FreshWithin(string column, TimeSpan ageMax, RuleSettings? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ageMax, TimeSpan.Zero);
        return Add(new FreshnessRule(column, ageMax, settings ?? RuleSettings.Default));
    }

    /// <summary>An aggregate of a column lies between two limits, both included. NaN, infinities and NULL are left out of it.</summary>
    /// <param name="function">The aggregate.</param>
    /// <param name="column">The column.</param>
    /// <param name="minimum">The lowest value that holds; null for none.</param>
    /// <param name="maximum">The highest value that holds; null for none.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder AggregateBetween(
        AggregateFunction function, string column, decimal? minimum, decimal? maximum, RuleSettings? settings = null)
    {
        RuleArguments.Ordered(minimum, maximum);
        return Add(new AggregateRule(function, column, minimum, maximum, settings ?? RuleSettings.Default));
    }

    /// <summary>A SELECT of the author's own. It runs read-only and reaches no file, no network and no setting.</summary>
    /// <param name="name">What the rule is called; part of its id.</param>
    /// <param name="sql">One SELECT; <c>{table}</c> stands for the table, reference relations go by their names.</param>
    /// <param name="mode">How to read the result.</param>
    /// <param name="settings">Severity and the rest; put a filter into the SELECT instead.</param>
    public QualitySuiteBuilder CustomSql(string name, string sql, CustomSqlMode mode = CustomSqlMode.Count, RuleSettings? settings = null)
        => Add(new CustomSqlRule(RuleArguments.Text(name), RuleArguments.Text(sql), mode, settings ?? RuleSettings.Default));

    /// <summary>The suite.</summary>
    /// <exception cref="QualityException">Two rules say the same: same kind, parameters and filter.</exception>
    public QualitySuite Build()
    {
        var twice = _rules.GroupBy(r => r.Id).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
        {
            throw new QualityException(
                Kernel.ErrorKind.Invalid, $"The suite '{_name}' has the rule '{twice.First().Description}' twice; keep one, or give them different filters.");
        }

        return new QualitySuite(_name, _table, [.. _rules], _masked);
    }

    /// <summary>Every row satisfies a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder Rows(RowCondition condition, RuleSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Add(new RowRule(condition, settings ?? RuleSettings.Default));
    }

    private QualitySuiteBuilder Add(QualityRule rule)
    {
        foreach (var column in rule.Columns)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(column);
        }

        rule.Id = Canonical.Id(Canonical.Join(_table, rule.Kind, rule.Parameters, rule.Settings.Filter));
        _rules.Add(rule);
        return this;
    }
}
