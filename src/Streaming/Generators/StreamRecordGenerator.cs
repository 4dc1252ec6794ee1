using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace DataPlatform.Streaming.Generators;

/// <summary>Writes a serialiser for every type with <c>[StreamRecord]</c>, or says why there can be none.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class StreamRecordGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var results = context.SyntaxProvider.ForAttributeWithMetadataName(
            RecordReader.AttributeName,
            static (_, _) => true,
            static (found, cancellationToken) => Generate(found, cancellationToken));
        context.RegisterSourceOutput(results, static (output, result) =>
        {
            foreach (var problem in result.Problems)
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }

            if (result.Source.Length > 0)
            {
                output.AddSource(result.HintName, SourceText.From(result.Source, System.Text.Encoding.UTF8));
            }
        });
    }

    private static GeneratedRecord Generate(GeneratorAttributeSyntaxContext found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reader = new RecordReader((INamedTypeSymbol)found.TargetSymbol, found.SemanticModel.Compilation);
        var record = reader.Read();
        return record is null
            ? new GeneratedRecord(string.Empty, string.Empty, [.. reader.Problems])
            : new GeneratedRecord(record.ClassName + ".g.cs", new RecordWriter(record).Write(), []);
    }

    /// <summary>The outcome for one type; equal outcomes are not given to the compiler again.</summary>
    private sealed class GeneratedRecord(
        string hintName, string source, ImmutableArray<RecordProblem> problems) : System.IEquatable<GeneratedRecord>
    {
        public string HintName => hintName;

        public string Source => source;

        public ImmutableArray<RecordProblem> Problems => problems;

        public bool Equals(GeneratedRecord? other)
            => other is not null && source == other.Source && hintName == other.HintName && problems.SequenceEqual(other.Problems);

        public override bool Equals(object? obj) => Equals(obj as GeneratedRecord);

        public override int GetHashCode() => source.GetHashCode();
    }
}

/// <summary>A diagnostic as a value.</summary>
internal sealed class RecordProblem(
    DiagnosticDescriptor descriptor, Location location, string[] arguments) : System.IEquatable<RecordProblem>
{
    private readonly DiagnosticDescriptor _descriptor = descriptor;
    private readonly string _path = location.SourceTree?.FilePath ?? string.Empty;
    private readonly TextSpan _span = location.SourceSpan;
    private readonly LinePositionSpan _lines = location.GetLineSpan().Span;
    private readonly string[] _arguments = arguments;

    public Diagnostic ToDiagnostic() => Diagnostic.Create(_descriptor, Location.Create(_path, _span, _lines), [.. _arguments]);

    public bool Equals(RecordProblem? other)
        => other is not null && _descriptor.Id == other._descriptor.Id && _path == other._path && _span == other._span
            && _arguments.SequenceEqual(other._arguments);

    public override bool Equals(object? obj) => Equals(obj as RecordProblem);

    public override int GetHashCode() => (_descriptor.Id, _path, _span).GetHashCode();
}

/// <summary>A type and what is stored of it, in the order of the bytes.</summary>
internal sealed class RecordModel(
    INamedTypeSymbol type, string className, bool isNumbered, IReadOnlyList<RecordField> fields, IMethodSymbol? constructor)
{
    public INamedTypeSymbol Type => type;

    public string ClassName => className;

    public bool IsNumbered => isNumbered;

    public IReadOnlyList<RecordField> Fields => fields;

    public IMethodSymbol? Constructor => constructor;

    public bool IsImmutable => fields.All(f => f.Type.IsImmutable && (type.IsValueType || !f.IsSettable));
}

/// <summary>One stored member.</summary>
internal sealed class RecordField(string name, int number, FieldType type, bool isSettable, IParameterSymbol? parameter)
{
    public string Name => name;

    public int Number => number;

    public FieldType Type => type;

    /// <summary>Whether it can change after construction.</summary>
    public bool IsSettable => isSettable;

    public IParameterSymbol? Parameter => parameter;
}
