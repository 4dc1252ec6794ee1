using System.Reflection;
using System.Runtime.CompilerServices;
using DataPlatform.Streaming.Generators;
using DataPlatform.Streaming.State;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DataPlatform.Streaming.Tests.Serialization;

/// <summary>A piece of C# with the generator run over it.</summary>
internal sealed class Snippet
{
    private readonly Compilation _compilation;

    public Snippet(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static path => (MetadataReference)MetadataReference.CreateFromFile(path));
        var source = "using System; using System.Collections.Generic; using DataPlatform.Streaming;\nnamespace Snippets;\n" + code;
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            $"Snippet{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(source, parse, path: "snippet.cs")],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new StreamRecordGenerator().AsSourceGenerator()], parseOptions: parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out _compilation, out var diagnostics);
        Diagnostics = diagnostics;
    }

    /// <summary>What the generator said.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Compiles what came out and makes the serialiser of the type <c>R</c>.</summary>
    public RecordHandle Load()
    {
        using var image = new MemoryStream();
        var result = _compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)));
        var type = Assembly.Load(image.ToArray()).GetType("Snippets.R")!;
        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        return (RecordHandle)Activator.CreateInstance(typeof(RecordHandle<>).MakeGenericType(type))!;
    }
}

/// <summary>The serialiser of a type that only the snippet knows.</summary>
internal abstract class RecordHandle
{
    public abstract string Schema { get; }

    public abstract byte[] Write(params object?[] arguments);

    /// <summary>Reads bytes of another layout.</summary>
    /// <returns>The value as text, or the reason why it cannot be read.</returns>
    public abstract string Read(string schema, byte[] bytes);
}

internal sealed class RecordHandle<T> : RecordHandle
{
    private readonly IStateSerializer<T> _serializer = new StateSerializers().Get<T>();

    public override string Schema => _serializer.Schema;

    public override byte[] Write(params object?[] arguments)
    {
        var writer = new StateWriter();
        _serializer.Write(writer, (T)Activator.CreateInstance(typeof(T), arguments)!);
        return writer.WrittenSpan.ToArray();
    }

    public override string Read(string schema, byte[] bytes)
    {
        if (_serializer.FindReader(schema, out var reason) is not { } found)
        {
            return reason;
        }

        var reader = new StateReader(bytes);
        var value = found.Read(ref reader);
        Assert.Equal(0, reader.Remaining);
        return value!.ToString()!;
    }
}
