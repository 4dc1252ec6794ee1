using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Apache.Arrow;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>
/// Makes records of rows. Columns are found by the names of properties (or of <c>JsonPropertyName</c>), in any case; a record is made through
/// its longest constructor whose parameters are such names, and settable properties besides. Compiled once per type.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
internal static class RecordReader<T>
{
    private static readonly Lazy<Plan> Made = new(Make);

    /// <summary>The columns that the record has.</summary>
    public static IReadOnlyList<string> Columns => [.. Made.Value.Members.Select(m => m.Column)];

    /// <summary>The rows of batches as records.</summary>
    public static async IAsyncEnumerable<T> ReadAsync(
        IAsyncEnumerable<RecordBatch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            using (batch)
            {
                IArrowArray? Column(string name)
                    => batch.Schema.GetFieldIndex(name, StringComparer.OrdinalIgnoreCase) is >= 0 and var i ? batch.Column(i) : null;
                var record = Of(Column, string.Empty);
                for (var row = 0; row < batch.Length; row++)
                {
                    yield return record(row);
                }
            }
        }
    }

    /// <summary>Makes the record of a row.</summary>
    /// <param name="find">The column, or nested field, of a name.</param>
    /// <param name="where">What the columns are nested in, for errors.</param>
    public static Func<int, T> Of(Func<string, IArrowArray?> find, string where)
    {
        var plan = Made.Value;
        var cells = new object[plan.Members.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            var column = where + plan.Members[i].Column;
            var array = find(plan.Members[i].Column)
                ?? throw DeltaException.Invalid(
                    $"There is no column '{column}' for {typeof(T).Name}.{plan.Members[i].Column}; name it with JsonPropertyName.");
            cells[i] = CellReader.Of(plan.Members[i].Type, array, column);
        }

        return row => plan.Record(cells, row);
    }

    private static Plan Make()
    {
        var properties = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetIndexParameters().Length == 0 && p.GetCustomAttribute<JsonIgnoreAttribute>() is null).ToArray();
        PropertyInfo? Named(string? name) => System.Array.Find(properties, p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));
        var constructor = typeof(T).GetConstructors()
            .Where(c => c.GetParameters().All(p => Named(p.Name) is { } property && property.PropertyType == p.ParameterType))
            .MaxBy(c => c.GetParameters().Length);
        if (constructor is null && !typeof(T).IsValueType)
        {
            throw new ArgumentException($"{typeof(T).Name} has no public constructor whose parameters are named like its properties.");
        }

        List<(string Column, Type Type)> members = [];
        var (cells, row) = (Expression.Parameter(typeof(object[])), Expression.Parameter(typeof(int)));
        Expression Cell(PropertyInfo property)
        {
            var reader = Expression.Convert(
                Expression.ArrayIndex(cells, Expression.Constant(members.Count)), typeof(Func<,>).MakeGenericType(typeof(int), property.PropertyType));
            members.Add((property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? property.Name, property.PropertyType));
            return Expression.Invoke(reader, row);
        }

        PropertyInfo[] given = [.. (constructor?.GetParameters() ?? []).Select(p => Named(p.Name)!)];
        var made = constructor is null ? Expression.New(typeof(T)) : Expression.New(constructor, given.Select(Cell));
        var bindings = properties.Where(p => p.CanWrite && p.SetMethod!.IsPublic && !given.Contains(p)).Select(p => Expression.Bind(p, Cell(p))).ToArray();
        var record = Expression.Lambda<Func<object[], int, T>>(Expression.MemberInit(made, bindings), cells, row).Compile();
        return members.Count > 0 ? new Plan(members, record) : throw new ArgumentException($"{typeof(T).Name} has no property that a column could fill.");
    }

    private sealed record Plan(IReadOnlyList<(string Column, Type Type)> Members, Func<object[], int, T> Record);
}
