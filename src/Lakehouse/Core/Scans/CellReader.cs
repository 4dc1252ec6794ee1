using System.Globalization;
using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Types;
using DataPlatform.Lakehouse.Expressions;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Reads cells of an Arrow column as values of a .NET type, without boxing the plain ones.</summary>
internal static class CellReader
{
    /// <summary>A <c>Func&lt;int, TValue&gt;</c> that reads a row's value.</summary>
    /// <exception cref="DeltaException">A value of the column cannot become one of the type.</exception>
    public static object Of(Type type, IArrowArray array, string column) => Invoke(nameof(Typed), [type], [array, column]);

    private static Func<int, TValue> Typed<TValue>(IArrowArray array, string column)
    {
        var plain = Nullable.GetUnderlyingType(typeof(TValue));
        if (plain is not null)
        {
            return (Func<int, TValue>)Invoke(nameof(OrNull), [plain], [array, column]);
        }

        var read = (Func<int, TValue>?)Plain(typeof(TValue), array) ?? (Func<int, TValue>?)Composed(typeof(TValue), array, column)
            ?? throw DeltaException.Invalid($"The column '{column}' is {array.Data.DataType.Name}, which cannot be read as {typeof(TValue).Name}.");
        return default(TValue) is null
            ? row => array.IsNull(row) ? default! : read(row)
            : row => !array.IsNull(row) ? read(row)
                : throw DeltaException.Invalid($"The column '{column}' is null in a row; read it as {typeof(TValue).Name}?.");
    }

    private static Func<int, TValue?> OrNull<TValue>(IArrowArray array, string column)
        where TValue : struct
    {
        var read = Typed<TValue>(array, column);
        return row => array.IsNull(row) ? null : read(row);
    }

    private static Delegate? Plain(Type type, IArrowArray array) => (Type.GetTypeCode(type), array) switch
    {
        (TypeCode.Int64, Int64Array a) => (int row) => a.Values[row],
        (TypeCode.Int64, Int32Array a) => (int row) => (long)a.Values[row],
        (TypeCode.Int64, Int16Array a) => (int row) => (long)a.Values[row],
        (TypeCode.Int64, Int8Array a) => (int row) => (long)a.Values[row],
        (TypeCode.Int32, Int32Array a) when !type.IsEnum => (int row) => a.Values[row],
        (TypeCode.Int32, Int16Array a) when !type.IsEnum => (int row) => (int)a.Values[row],
        (TypeCode.Int32, Int8Array a) when !type.IsEnum => (int row) => (int)a.Values[row],
        (TypeCode.Int16, Int16Array a) => (int row) => a.Values[row],
        (TypeCode.Int16, Int8Array a) => (int row) => (short)a.Values[row],
        (TypeCode.SByte, Int8Array a) => (int row) => a.Values[row],
        (TypeCode.Byte, Int16Array a) => (int row) => checked((byte)a.Values[row]),
        (TypeCode.UInt16, Int32Array a) => (int row) => checked((ushort)a.Values[row]),
        (TypeCode.UInt32, Int64Array a) => (int row) => checked((uint)a.Values[row]),
        (TypeCode.Double, DoubleArray a) => (int row) => a.Values[row],
        (TypeCode.Double, FloatArray a) => (int row) => (double)a.Values[row],
        (TypeCode.Single, FloatArray a) => (int row) => a.Values[row],
        (TypeCode.Boolean, BooleanArray a) => (int row) => a.GetValue(row)!.Value,
        (TypeCode.String, StringArray a) => (int row) => a.GetString(row),
        (TypeCode.Decimal, Decimal128Array a) => (int row) => a.GetValue(row)!.Value,
        (TypeCode.DateTime, TimestampArray a) => (int row) => At(a, row),
        _ => type == typeof(DateTimeOffset) && array is TimestampArray times ? (int row) => new DateTimeOffset(At(times, row), TimeSpan.Zero)
            : type == typeof(DateOnly) && array is Date32Array dates ? (int row) => (DateOnly)ArrowValues.Of(dates, row)!
            : type == typeof(byte[]) && array is BinaryArray bytes ? (int row) => bytes.GetBytes(row).ToArray()
            : type == typeof(Guid) && array is StringArray ids ? (int row) => Guid.Parse(ids.GetString(row), CultureInfo.InvariantCulture)
            : null,
    };

    private static DateTime At(TimestampArray times, int row)
        => DateTime.SpecifyKind(DateTime.UnixEpoch.AddTicks(times.Values[row] * TimeSpan.TicksPerMicrosecond), DateTimeKind.Unspecified);

    private static object? Composed(Type type, IArrowArray array, string column)
    {
        if (type.IsEnum && array is StringArray)
        {
            return Invoke(nameof(EnumOf), [type], [array]);
        }

        if (array is MapArray && Arguments(type, typeof(IReadOnlyDictionary<,>)) is [var key, var value]
            && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)))
        {
            return Invoke(nameof(MapOf), [type, key, value], [array, column]);
        }

        if (array is ListArray && Arguments(type, typeof(IEnumerable<>)) is [var element]
            && (type.IsAssignableFrom(element.MakeArrayType()) || type == typeof(List<>).MakeGenericType(element)))
        {
            return Invoke(nameof(ListOf), [type, element], [array, column]);
        }

        return array is StructArray && type != typeof(string) && !type.IsPrimitive ? Invoke(nameof(RecordOf), [type], [array, column]) : null;
    }

    private static Func<int, TEnum> EnumOf<TEnum>(StringArray array)
        where TEnum : struct, Enum => row => Enum.Parse<TEnum>(array.GetString(row), ignoreCase: true);

    private static Func<int, TValue> RecordOf<TValue>(StructArray array, string column)
    {
        var fields = ((StructType)array.Data.DataType).Fields.ToList();
        IArrowArray? Field(string name)
            => fields.FindIndex(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var i ? array.Fields[i] : null;
        return RecordReader<TValue>.Of(Field, column + ".");
    }

    private static Func<int, TList> ListOf<TList, TElement>(ListArray array, string column)
    {
        var read = Typed<TElement>(array.Values, column + ".element");
        var asList = typeof(TList) == typeof(List<TElement>);
        return row =>
        {
            var items = new TElement[array.ValueOffsets[row + 1] - array.ValueOffsets[row]];
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = read(array.ValueOffsets[row] + i);
            }

            return (TList)(object)(asList ? items.ToList() : items);
        };
    }

    private static Func<int, TMap> MapOf<TMap, TKey, TValue>(MapArray array, string column)
        where TKey : notnull
    {
        var (keys, values) = (Typed<TKey>(array.Keys, column + ".key"), Typed<TValue>(array.Values, column + ".value"));
        return row =>
        {
            Dictionary<TKey, TValue> map = [];
            for (var i = array.ValueOffsets[row]; i < array.ValueOffsets[row + 1]; i++)
            {
                map[keys(i)] = values(i);
            }

            return (TMap)(object)map;
        };
    }

    private static Type[]? Arguments(Type type, Type generic) => type == typeof(string) ? null
        : type.GetInterfaces().Append(type).FirstOrDefault(t => t.IsGenericType && t.GetGenericTypeDefinition() == generic)?.GetGenericArguments();

    private static object Invoke(string method, Type[] types, object[] arguments)
    {
        try
        {
            return typeof(CellReader).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(types).Invoke(null, arguments)!;
        }
        catch (TargetInvocationException e) when (e.InnerException is DeltaException or ArgumentException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }
}
