using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json.Serialization;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Records;

/// <summary>
/// Makes the columns of a record type from its public properties, once per type: each getter is compiled, so that building a batch costs
/// what a mapping written by hand costs.
/// </summary>
internal static class ReflectedMapping
{
    private const int DepthMax = 16;

    /// <summary>C#'s decimal has no scale of its own; these are Spark's defaults for one.</summary>
    private static readonly DecimalType DefaultDecimal = DeltaType.Decimal(38, 18);

    private static readonly Dictionary<Type, DeltaType> Types = new()
    {
        [typeof(string)] = DeltaType.String,
        [typeof(long)] = DeltaType.Long,
        [typeof(int)] = DeltaType.Integer,
        [typeof(short)] = DeltaType.Short,
        [typeof(sbyte)] = DeltaType.Byte,
        [typeof(byte)] = DeltaType.Short,
        [typeof(ushort)] = DeltaType.Integer,
        [typeof(uint)] = DeltaType.Long,
        [typeof(double)] = DeltaType.Double,
        [typeof(float)] = DeltaType.Float,
        [typeof(bool)] = DeltaType.Boolean,
        [typeof(decimal)] = DefaultDecimal,
        [typeof(DateOnly)] = DeltaType.Date,
        [typeof(DateTimeOffset)] = DeltaType.Timestamp,
        [typeof(DateTime)] = DeltaType.TimestampNtz,
        [typeof(byte[])] = DeltaType.Binary,
    };

    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly Lock NullabilityGate = new();

    public static IReadOnlyList<RecordColumn<T>> ColumnsOf<T>() => Cache<T>.Columns.Value;

    private static List<RecordColumn<T>> Make<T>(int depth)
    {
        List<RecordColumn<T>> columns = [];
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanRead && p.GetIndexParameters().Length == 0 && p.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .OrderBy(p => p.MetadataToken))
        {
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? property.Name;
            var record = Expression.Parameter(typeof(T));
            var getter = Expression.Lambda(Expression.Property(record, property), record).Compile();
            columns.Add((RecordColumn<T>)Invoke(
                nameof(Column), [typeof(T), property.PropertyType], [name, getter, MayBeNull(property), depth + 1])!);
        }

        return columns.Count > 0 ? columns
            : throw new ArgumentException(
                $"{typeof(T).Name} has no public property to make a column of; build its RowMapping column by column.");
    }

    private static RecordColumn<T> Column<T, TValue>(string name, Func<T, TValue> get, bool nullable, int depth)
    {
        var type = typeof(TValue);
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (depth > DepthMax)
        {
            throw new ArgumentException(
                $"The column '{name}' nests records deeper than {DepthMax}; a type that holds itself cannot be a row.");
        }

        if (Types.TryGetValue(plain, out var known))
        {
            return RecordColumns.Create(new StructField(name, known, nullable), get);
        }

        if (plain.IsEnum || plain == typeof(Guid))
        {
            return RecordColumns.Create<T, string?>(new StructField(name, DeltaType.String, nullable), r => get(r)?.ToString());
        }

        if (ElementsOf(plain, typeof(IReadOnlyDictionary<,>)) is [var key, var value])
        {
            return (RecordColumn<T>)Invoke(nameof(Map), [typeof(T), type, key, value], [name, get, nullable, depth])!;
        }

        if (ElementsOf(plain, typeof(IEnumerable<>)) is [var element])
        {
            return (RecordColumn<T>)Invoke(nameof(List), [typeof(T), type, element], [name, get, nullable, depth])!;
        }

        return plain.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal))
            ? throw new ArgumentException(
                $"The property '{name}' of {typeof(T).Name} is a {plain.Name}, which no Delta type stands for; map it with RowMapping.Column and a conversion.")
            : (RecordColumn<T>)Invoke(nameof(Struct), [typeof(T), type, plain], [name, get, nullable, depth])!;
    }

    private static ListColumn<T, TElement> List<T, TValue, TElement>(string name, Func<T, TValue> get, bool nullable, int depth)
    {
        var element = Column<TElement, TElement>("element", e => e, default(TElement) is null, depth + 1);
        return new ListColumn<T, TElement>(
            new StructField(name, DeltaType.Array(element.Field.Type, element.Field.Nullable), nullable),
            (get as Func<T, IEnumerable<TElement>?>) ?? (r => (IEnumerable<TElement>?)(object?)get(r)), element);
    }

    private static MapColumn<T, TKey, TItem> Map<T, TValue, TKey, TItem>(string name, Func<T, TValue> get, bool nullable, int depth)
    {
        var key = Column<TKey, TKey>("key", k => k, nullable: false, depth + 1);
        var value = Column<TItem, TItem>("value", v => v, default(TItem) is null, depth + 1);
        return new MapColumn<T, TKey, TItem>(
            new StructField(name, DeltaType.Map(key.Field.Type, value.Field.Type, value.Field.Nullable), nullable),
            (get as Func<T, IEnumerable<KeyValuePair<TKey, TItem>>?>)
                ?? (r => (IEnumerable<KeyValuePair<TKey, TItem>>?)(object?)get(r)), key, value);
    }

    private static RecordColumn<T> Struct<T, TValue, TNested>(string name, Func<T, TValue> get, bool nullable, int depth)
    {
        var columns = Make<TNested>(depth);
        var field = new StructField(name, new StructType([.. columns.Select(c => c.Field)]), nullable);

        // A record struct that may be null is read through Nullable<T>; its columns are those of the plain one.
        return typeof(TValue) == typeof(TNested)
            ? new StructColumn<T, TNested>(field, (Func<T, TNested?>)(object)get, columns)
            : (RecordColumn<T>)Invoke(nameof(Optional), [typeof(T), typeof(TNested)], [field, get, columns])!;
    }

    private static StructColumn<T, TNested?> Optional<T,
        TNested>(StructField field, Func<T, TNested?> get, List<RecordColumn<TNested>> columns)
        where TNested : struct
        => new(field, get, [.. columns.Select(c => new PresentColumn<TNested>(c))]);

    private static Type[]? ElementsOf(Type type, Type generic)
        => type.GetInterfaces().Append(type).FirstOrDefault(
            i => i.IsGenericType && i.GetGenericTypeDefinition() == generic)?.GetGenericArguments();

    private static bool MayBeNull(PropertyInfo property)
    {
        lock (NullabilityGate)
        {
            return Nullability.Create(property).ReadState != NullabilityState.NotNull;
        }
    }

    private static object? Invoke(string method, Type[] types, object?[] arguments)
        => typeof(ReflectedMapping).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(types)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static class Cache<T>
    {
        public static readonly Lazy<IReadOnlyList<RecordColumn<T>>> Columns = new(() => Make<T>(0));
    }

    /// <summary>The column of a record struct, read from one that is known to be there.</summary>
    private sealed class PresentColumn<TNested>(RecordColumn<TNested> column) : RecordColumn<TNested?>(column.Field)
        where TNested : struct
    {
        public override Apache.Arrow.IArrowArray Build(ReadOnlySpan<TNested?> records, long first)
        {
            var present = new TNested[records.Length];
            for (var i = 0; i < present.Length; i++)
            {
                present[i] = records[i]!.Value;
            }

            return column.Build(present, first);
        }

        public override PartitionLevel<TNested?> NewLevel() => throw CannotPartition();
    }
}
