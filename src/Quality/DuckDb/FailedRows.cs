using DataPlatform.Quality.Metrics;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>The rows that break a suite's row rules, as a query.</summary>
public static class FailedRows
{
    /// <summary>The column that lists the ids of the rules a row breaks, separated by commas.</summary>
    public const string RulesColumn = "failed_rules";

    /// <summary>Writes the query.</summary>
    /// <param name="connection">The connection the relation is in.</param>
    /// <param name="suite">The suite.</param>
    /// <param name="relation">The relation.</param>
    /// <param name="ruleIds">The rules to use; those that could be measured, as a run told. Others are left out.</param>
    /// <param name="cancellationToken">Stops the look at the catalog.</param>
    /// <returns>A SELECT of all columns and <see cref="RulesColumn"/>; null when none of the rules is about rows.</returns>
    /// <exception cref="MetricException">There is no such relation, or a rule's SQL is refused.</exception>
    public static async ValueTask<string?> SelectAsync(
        DuckDBConnection connection, QualitySuite suite, string relation, IReadOnlyCollection<string> ruleIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(ruleIds);
        var shape = await new DuckDbMetricEngine(connection).DescribeAsync(relation, cancellationToken).ConfigureAwait(false);
        var guard = new SqlGuard(connection);
        List<string> cases = [];
        foreach (var rule in suite.Rules.Where(r => r.Condition is not null && ruleIds.Contains(r.Id)))
        {
            if (rule.Settings.Filter is { } filter)
            {
                guard.CheckExpression(filter);
            }

            foreach (var expression in rule.Condition!.Expressions)
            {
                guard.CheckExpression(expression);
            }

            var broken = SqlText.And(SqlText.Closed(rule.Settings.Filter), ConditionSql.Violation(rule.Condition!, shape));
            cases.Add($"CASE WHEN {broken} THEN {SqlText.Text(rule.Id)} END");
        }

        return cases.Count == 0
            ? null
            : $"SELECT * FROM (SELECT *, concat_ws(',', {string.Join(", ", cases)}) AS {RulesColumn} FROM {SqlText.Relation(relation)}) WHERE {RulesColumn} <> ''";
    }
}
