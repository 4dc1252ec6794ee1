using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DataPlatform.Tidy;

/// <summary>The source tree this test was built from, read as text.</summary>
internal static partial class Checkout
{
    private static readonly string[] Built = ["bin", "obj", "artifacts", ".git", "out"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every project, as its path relative to the root with forward slashes.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files("*.csproj")];

    /// <summary>Files by pattern, relative to the root, without build output.</summary>
    public static IEnumerable<string> Files(string pattern, string below = "")
        => Directory.EnumerateFiles(Path.Combine(Root, below), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(Built.Contains))
            .Order(StringComparer.Ordinal);

    /// <summary>The text of a file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The projects that a project references, relative to the root.</summary>
    public static IEnumerable<string> ReferencesOf(string project)
        => XDocument.Load(Path.Combine(Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value.Replace('\\', '/'))))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'));

    /// <summary>The namespace that a file declares, or null.</summary>
    public static string? NamespaceOf(string file) => Declaration().Match(Read(file)) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataPlatform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No DataPlatform.sln above '{AppContext.BaseDirectory}': run the test from a checkout.");
    }
}
