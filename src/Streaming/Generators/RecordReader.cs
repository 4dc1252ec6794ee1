using Microsoft.CodeAnalysis;

namespace DataPlatform.Streaming.Generators;

/// <summary>Finds out what is stored of a type and how it is made again.</summary>
internal sealed class RecordReader(INamedTypeSymbol type, Compilation compilation)
{
    public const string AttributeName = "DataPlatform.Streaming.StreamRecordAttribute";
    private const string FieldAttributeName = "DataPlatform.Streaming.FieldAttribute";
    private const string NotStoredAttributeName = "DataPlatform.Streaming.NotStoredAttribute";
    private readonly string _name = type.ToDisplayString();

    public List<RecordProblem> Problems { get; } = [];

    /// <returns>Null when the type has problems.</returns>
    public RecordModel? Read()
    {
        if (Unsuitable() is { } reason)
        {
            Report(RecordDiagnostics.UnsuitableType, type, _name, reason);
            return null;
        }

        var members = StoredMembers().ToList();
        var constructor = FindConstructor(members);
        if (constructor is null && !type.IsValueType)
        {
            Report(RecordDiagnostics.NoConstructor, type, _name);
            return null;
        }

        var numbers = members.ToDictionary<ISymbol, ISymbol, int?>(m => m, m => NumberOf(m, constructor), SymbolEqualityComparer.Default);
        CheckNumbers(members, numbers);
        var isNumbered = numbers.Values.Any(n => n is not null);
        var fields = members.Select((m, i) => FieldOf(m, isNumbered ? numbers[m] ?? 0 : i + 1, constructor)).ToList();
        return Problems.Count > 0 ? null : new RecordModel(
            type, ClassNameOf(type), isNumbered, [.. fields.OrderBy(f => f!.Number)!], constructor);
    }

    /// <summary>The name of the generated class; unique in an assembly.</summary>
    public static string ClassNameOf(INamedTypeSymbol type)
        => new([.. type.ToDisplayString().Select(c => char.IsLetterOrDigit(c) ? c : '_')]);

    public static bool IsRecord(ITypeSymbol type) => Has(type, AttributeName);

    private static bool Has(ISymbol symbol, string attribute)
        => symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == attribute);

    private static ITypeSymbol TypeOf(ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    private static bool IsAccessible(ISymbol symbol)
        => symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;

    private string? Unsuitable()
    {
        if (type.IsGenericType || type.ContainingType is { IsGenericType: true })
        {
            return "it is generic";
        }

        if (type.IsAbstract || type.IsStatic)
        {
            return "it is abstract or static, so that no value is of this type";
        }

        if (type.IsRefLikeType)
        {
            return "it is a ref struct";
        }

        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (!IsAccessible(outer))
            {
                return "it is not accessible from its assembly: make it and the types around it internal or public";
            }
        }

        return null;
    }

    /// <summary>
    /// Members with a place in memory, of base types too, base types first. What has none is computed and need not be stored.
    /// </summary>
    private IEnumerable<ISymbol> StoredMembers()
    {
        var bases = new Stack<INamedTypeSymbol>();
        for (var at = type; at is not null && at.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); at = at.BaseType)
        {
            bases.Push(at);
        }

        foreach (var field in bases.SelectMany(b => b.GetMembers().OfType<IFieldSymbol>()).Where(f => !f.IsStatic && !f.IsConst))
        {
            var member = field.AssociatedSymbol ?? field;
            if (!Has(member, NotStoredAttributeName))
            {
                yield return member;
            }
        }
    }

    private IMethodSymbol? FindConstructor(List<ISymbol> members) => type.InstanceConstructors
        .Where(c => IsAccessible(c) && c.Parameters.All(p => MemberFor(p, members) is not null))
        .OrderByDescending(c => c.Parameters.Length)
        .FirstOrDefault();

    private static ISymbol? MemberFor(IParameterSymbol parameter, IEnumerable<ISymbol> members) => members.FirstOrDefault(m
        => string.Equals(
            m.Name,
            parameter.Name,
            StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(TypeOf(m), parameter.Type));

    private static IParameterSymbol? ParameterFor(ISymbol member, IMethodSymbol? constructor) => constructor?.Parameters.FirstOrDefault(p
        => string.Equals(
            member.Name, p.Name, StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(TypeOf(member), p.Type));

    private static int? NumberOf(ISymbol member, IMethodSymbol? constructor)
    {
        var attributes = member.GetAttributes().Concat(ParameterFor(member, constructor)?.GetAttributes() ?? []);
        var field = attributes.FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == FieldAttributeName);
        return field is null ? null : field.ConstructorArguments.Length == 1
            && field.ConstructorArguments[0].Value is int number ? number : 0;
    }

    private void CheckNumbers(List<ISymbol> members, Dictionary<ISymbol, int?> numbers)
    {
        if (numbers.Values.All(n => n is null))
        {
            return;
        }

        var seen = new Dictionary<int, ISymbol>();
        foreach (var member in members)
        {
            if (numbers[member] is not { } number || number < 1)
            {
                Report(RecordDiagnostics.MissingNumber, member, member.Name, _name);
            }
            else if (seen.TryGetValue(number, out var other))
            {
                Report(
                    RecordDiagnostics.DuplicateNumber,
                    member,
                    member.Name,
                    _name,
                    number.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    other.Name);
            }
            else
            {
                seen.Add(number, member);
            }
        }
    }

    private RecordField? FieldOf(ISymbol member, int number, IMethodSymbol? constructor)
    {
        var parameter = ParameterFor(member, constructor);
        var setter = (member as IPropertySymbol)?.SetMethod;
        var isSettable = member is IFieldSymbol { IsReadOnly: false } field ? IsAccessible(field) : setter is { IsInitOnly: false }
            && IsAccessible(setter);
        var isInit = setter is { IsInitOnly: true } && IsAccessible(setter);
        var isReadable = IsAccessible(member) && (
            member is IFieldSymbol || (member is IPropertySymbol { GetMethod: { } getter } && IsAccessible(getter)));
        if (!isReadable || (parameter is null && !isSettable && !isInit))
        {
            Report(RecordDiagnostics.CannotBeRestored, member, member.Name, _name);
            return null;
        }

        if (LeadsBack(TypeOf(member), []))
        {
            Report(RecordDiagnostics.Recursive, member, member.Name, _name);
            return null;
        }

        var fieldType = FieldTypes.Of(TypeOf(member), compilation, out var problem);
        if (fieldType is null)
        {
            Report(RecordDiagnostics.UnsupportedType, member, member.Name, _name, TypeOf(member).ToDisplayString(), problem);
            return null;
        }

        return new RecordField(member.Name, number, fieldType, isSettable, parameter);
    }

    private bool LeadsBack(ITypeSymbol at, HashSet<ITypeSymbol> visited)
    {
        if (SymbolEqualityComparer.Default.Equals(at.WithNullableAnnotation(NullableAnnotation.NotAnnotated), type))
        {
            return true;
        }

        if (at is IArrayTypeSymbol array)
        {
            return LeadsBack(array.ElementType, visited);
        }

        if (at is not INamedTypeSymbol named || !visited.Add(named))
        {
            return false;
        }

        return named.TypeArguments.Any(a => LeadsBack(a, visited))
            || (IsRecord(named) && named.GetMembers().OfType<IFieldSymbol>().Any(f => !f.IsStatic && LeadsBack(f.Type, visited)));
    }

    private void Report(DiagnosticDescriptor descriptor, ISymbol where, params string[] arguments)
    {
        var location = where.Locations.FirstOrDefault(l => l.IsInSource) ?? type.Locations.First();
        Problems.Add(new RecordProblem(descriptor, location, arguments));
    }
}
