using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Whether a value of one type, written as JSON, can be read as another. Lenient where only running it would tell. Pure.</summary>
internal static class TypeMatch
{
    private const int DepthMax = 8;

    private static readonly Type[] Unknown = [typeof(object), typeof(JsonElement), typeof(JsonNode), typeof(JsonDocument),
        typeof(JsonObject), typeof(JsonArray)];

    private static readonly Type[] Texts =
    [
        typeof(string), typeof(char), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly),
        typeof(TimeSpan), typeof(Uri), typeof(Version), typeof(byte[]),
    ];

    /// <summary>Numbers in the order of C#'s implicit conversions, with the ones each may be read as.</summary>
    private static readonly Dictionary<Type, Type[]> Wider = new()
    {
        [typeof(sbyte)] = [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(byte)] = [typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float),
            typeof(double), typeof(decimal)],
        [typeof(short)] = [typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(ushort)] = [typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(int)] = [typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(uint)] = [typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(long)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(ulong)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(float)] = [typeof(double)],
        [typeof(double)] = [],
        [typeof(decimal)] = [],
    };

    /// <summary>Why a value cannot be read so; null when it can, or when only running would tell.</summary>
    public static string? WhyNot(Type given, Type taken) => WhyNot(given, taken, 0);

    /// <summary>Why a value of a type is never written as JSON; null when it may be.</summary>
    public static string? WhyNotSerialisable(Type type) =>
        typeof(Stream).IsAssignableFrom(type) || typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) ||
        typeof(Task).IsAssignableFrom(type) || type.IsPointer || type.IsByRefLike || type == typeof(IntPtr)
            || type == typeof(CancellationToken)
            || IsAsyncStream(type)
            ? "which is not serialisable: return a value that can be written as JSON, or the name of a thing that is kept elsewhere"
            : null;

    /// <summary>What the elements are of a type that is written as a JSON array; null for other types and where it is not known.</summary>
    public static Type? ElementOf(Type type)
    {
        if (IsText(type) || DictionaryValueOf(type) is not null)
        {
            return null;
        }

        if (type.IsArray)
        {
            return type.GetElementType();
        }

        return (type.IsInterface ? type.GetInterfaces().Prepend(type) : type.GetInterfaces())
            .FirstOrDefault(face => face.IsGenericType
                && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
    }

    /// <summary>Whether a type is written as a JSON array, or nobody knows.</summary>
    public static bool MayBeList(Type type) => IsUnknown(type) ||
        (!IsText(type) && DictionaryValueOf(type) is null && typeof(IEnumerable).IsAssignableFrom(type));

    /// <summary>The type as a person writes it in C#.</summary>
    public static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } plain)
        {
            return Name(plain) + "?";
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : Keyword(type) ?? type.Name;
    }

    private static string? Keyword(Type type) => type.IsEnum ? null : Type.GetTypeCode(type) switch
    {
        TypeCode.String => "string",
        TypeCode.Boolean => "bool",
        TypeCode.Int32 => "int",
        TypeCode.Int64 => "long",
        TypeCode.Double => "double",
        TypeCode.Decimal => "decimal",
        _ => type == typeof(object) ? "object" : null,
    };

    private static string? WhyNot(Type given, Type taken, int depth)
    {
        given = Nullable.GetUnderlyingType(given) ?? given;
        taken = Nullable.GetUnderlyingType(taken) ?? taken;
        if (taken.IsAssignableFrom(given) || IsUnknown(given) || IsUnknown(taken) || depth > DepthMax)
        {
            return null;
        }

        if (given.IsEnum || taken.IsEnum)
        {
            // An enumeration is written as its number.
            return WhyNot(given.IsEnum ? given.GetEnumUnderlyingType() : given, taken.IsEnum ? taken.GetEnumUnderlyingType() : taken,
                depth);
        }

        var (from, to) = (KindOf(given), KindOf(taken));
        if (from != to)
        {
            return $"{from} is not {to}";
        }

        return from switch
        {
            "a number" => Wider[given].Contains(taken) ? null : $"a {Name(given)} does not always fit into a {Name(taken)}",
            "a text" => taken == typeof(string) || given == typeof(string) ? null : $"a {Name(given)} is not a {Name(taken)}",
            "a list" => WhyNot(ElementOf(given)!, ElementOf(taken)!, depth + 1) is { } reason ? $"of their elements {reason}" : null,
            "an object" => WhyNotObject(given, taken, depth),
            _ => null,
        };
    }

    private static string KindOf(Type type) => type == typeof(bool) ? "a truth value"
        : Wider.ContainsKey(type) ? "a number"
        : IsText(type) ? "a text"
        : ElementOf(type) is not null ? "a list"
        : "an object";

    /// <summary>Objects are read by the names of their properties.</summary>
    private static string? WhyNotObject(Type given, Type taken, int depth)
    {
        var (value, wanted) = (DictionaryValueOf(given), DictionaryValueOf(taken));
        if (value is not null && wanted is not null)
        {
            return WhyNot(value, wanted, depth + 1);
        }

        if (value is not null || wanted is not null || given.IsAbstract || taken.IsAbstract)
        {
            return null;
        }

        var (has, wants) = (PropertiesOf(given), PropertiesOf(taken));
        foreach (var (name, type) in wants)
        {
            if (has.TryGetValue(name, out var own) && WhyNot(own, type, depth + 1) is { } reason)
            {
                return $"of '{name}' {reason}";
            }
        }

        return wants.Count > 0 && !wants.Keys.Any(has.ContainsKey) ? $"none of its properties is in {Name(given)}" : null;
    }

    private static Dictionary<string, Type> PropertiesOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
        .GroupBy(property => property.Name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(same => same.Key, same => same.First().PropertyType, StringComparer.OrdinalIgnoreCase);

    private static Type? DictionaryValueOf(Type type) => (type.IsInterface ? type.GetInterfaces().Prepend(type) : type.GetInterfaces())
        .FirstOrDefault(face => face.IsGenericType &&
            (face.GetGenericTypeDefinition() == typeof(IDictionary<,>)
                || face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)))
        ?.GetGenericArguments()[1];

    /// <summary>A converter of the author's own may write anything.</summary>
    private static bool IsUnknown(Type type) => Unknown.Contains(type) || type.IsDefined(typeof(JsonConverterAttribute), inherit: false);

    private static bool IsText(Type type) => Texts.Contains(type);

    private static bool IsAsyncStream(Type type) => (type.IsInterface ? type.GetInterfaces().Prepend(type) : type.GetInterfaces())
        .Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));
}
