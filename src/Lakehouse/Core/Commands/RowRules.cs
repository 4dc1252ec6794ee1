using System.Globalization;
using System.Text.Json;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Transactions;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>
/// What a table asks of rows that are written to it: defaults, generated and identity columns to fill in, CHECK constraints and invariants
/// to hold. Refuses at once what it cannot evaluate, so that nothing is written past a rule that nobody checked.
/// </summary>
internal sealed class RowRules
{
    private readonly StructType _schema;
    private readonly List<(string Name, Expression Condition)> _checks = [];
    private readonly List<(StructField Field, Expression Value)> _generated = [];
    private readonly List<(StructField Field, Expression Value)> _defaults = [];
    private readonly List<IdentityColumn> _identities = [];
    private readonly DateTimeOffset _now;

    private RowRules(StructType schema, DateTimeOffset now)
    {
        _schema = schema;
        _now = now;
    }

    /// <summary>Whether rows can be written as they are.</summary>
    public bool IsEmpty => _checks.Count + _generated.Count + _defaults.Count + _identities.Count == 0;

    /// <summary>Identity columns, whose marks a commit must raise.</summary>
    public IReadOnlyList<IdentityColumn> Identities => _identities;

    public static RowRules Of(Protocol protocol, Metadata metadata, StructType schema, DateTimeOffset now)
    {
        var rules = new RowRules(schema, now);
        foreach (var (key, sql) in metadata.Configuration.Where(
            c => c.Key.StartsWith(ActiveFeatures.ConstraintPrefix, StringComparison.Ordinal)))
        {
            rules.AddCheck(key[ActiveFeatures.ConstraintPrefix.Length..], sql);
        }

        foreach (var field in schema.Fields)
        {
            rules.AddField(protocol, field);
        }

        return rules;
    }

    /// <summary>Fills in and checks the rows of a batch.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="firstRow">The number of the batch's first row among all rows to write, for messages.</param>
    /// <exception cref="DeltaException">A row breaks a rule; the message names the rule and shows the row.</exception>
    public RecordBatch Apply(RecordBatch batch, long firstRow = 0)
    {
        if (IsEmpty)
        {
            return batch;
        }

        var filled = new BatchColumns(batch);
        foreach (var (field, value) in _defaults.Where(d => !filled.Has(d.Field.Name)))
        {
            filled.Add(field, Compute(filled.ToBatch(), field, value));
        }

        foreach (var identity in _identities)
        {
            Fill(filled, identity);
        }

        foreach (var (field, value) in _generated)
        {
            Generate(filled, field, value, firstRow);
        }

        var result = filled.ToBatch();
        foreach (var (name, condition) in _checks)
        {
            Check(result, name, condition, firstRow);
        }

        return result;
    }

    private void AddCheck(string name, string sql)
    {
        var condition = ExpressionParser.Parse(sql);
        Evaluator.Check(condition, $"The constraint '{name}' ({sql})");
        _checks.Add((name, condition));
    }

    private void AddField(Protocol protocol, StructField field)
    {
        if (field.Text("delta.invariants") is { } invariant && InvariantSql(invariant) is { } sql)
        {
            AddCheck($"invariant of {field.Name}", sql);
        }

        // Metadata of a feature that the protocol lacks was left behind by something else, and binds nobody.
        if (TableFeatures.Has(protocol, TableFeatures.GeneratedColumns) && field.Text("delta.generationExpression") is { } generation)
        {
            var expression = ExpressionParser.Parse(generation);
            Evaluator.Check(expression, $"The generated column '{field.Name}' ({generation})");
            _generated.Add((field, expression));
        }

        if (TableFeatures.Has(protocol, TableFeatures.ColumnDefaults) && field.Text("CURRENT_DEFAULT") is { } text)
        {
            var expression = ExpressionParser.Parse(text);
            Evaluator.Check(expression, $"The default of '{field.Name}' ({text})");
            _defaults.Add((field, expression));
        }

        if (TableFeatures.Has(protocol, TableFeatures.IdentityColumns) && IdentityColumn.Of(field) is { } identity)
        {
            _identities.Add(identity);
        }
    }

    /// <summary>An invariant's text is JSON around the expression.</summary>
    private static string? InvariantSql(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.TryGetProperty("expression", out var outer) && outer.TryGetProperty("expression", out var inner)
            ? inner.GetString() : null;
    }

    private IArrowArray Compute(RecordBatch batch, StructField field, Expression value)
    {
        var row = 0;
        var readers = value.Columns().ToDictionary(c => c, c => ArrowValues.Reader(batch, c), StringComparer.OrdinalIgnoreCase);
        var evaluator = new Evaluator(c => readers[c](row), _now);
        var values = new object?[batch.Length];
        for (; row < values.Length; row++)
        {
            values[row] = Casts.To(evaluator.Value(value), field.Type);
        }

        return ValueColumn.Of(field, values);
    }

    private void Generate(BatchColumns rows, StructField field, Expression value, long firstRow)
    {
        var computed = Compute(rows.ToBatch(), field, value);
        if (!rows.Has(field.Name))
        {
            rows.Add(field, computed);
            return;
        }

        var given = rows[field.Name];
        for (var row = 0; row < given.Length; row++)
        {
            var (has, should) = (ArrowValues.Of(given, row), ArrowValues.Of(computed, row));
            if (has is null != should is null || (has is not null && Values.Compare(has, should!) != 0))
            {
                throw DeltaException.Invalid(
                    $"Row {firstRow + row} has {new Expression.Literal(has)} in the generated column '{field.Name}', and {value} gives "
                    + $"{new Expression.Literal(should)}. Nothing was written.");
            }
        }
    }

    private static void Fill(BatchColumns rows, IdentityColumn identity)
    {
        if (!rows.Has(identity.Field.Name))
        {
            var values = Enumerable.Range(0, rows.Length).Select(_ => (object?)identity.Next()).ToArray();
            rows.Add(identity.Field, ValueColumn.Of(identity.Field, values));
        }
        else if (!identity.AllowsExplicit)
        {
            throw DeltaException.Invalid(
                $"The identity column '{identity.Field.Name}' is GENERATED ALWAYS: rows to write must not give it a value.");
        }
    }

    private void Check(RecordBatch batch, string name, Expression condition, long firstRow)
    {
        var conformed = BatchShape.Conform(batch, _schema, firstRow);
        var satisfied = Scans.RowFilter.Matching(conformed, condition);
        if (satisfied.Length < batch.Length)
        {
            var row = Enumerable.Range(0, batch.Length).First(i => i >= satisfied.Length || satisfied[i] != i);
            var shown = string.Join(
                ", ", condition.Columns().Select(c => $"{c} = {new Expression.Literal(ArrowValues.Reader(conformed, c)(row))}"));
            throw DeltaException.Invalid(string.Create(
                CultureInfo.InvariantCulture,
                    $"Row {firstRow + row} breaks the constraint '{name}' ({condition}): {shown}. Nothing was written."));
        }
    }
}
