using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Web.Assets;

/// <summary>The style sheet and the script of the pages. Their names carry their content's hash, so browsers keep them for ever.</summary>
internal static class ConsoleAssets
{
    public static readonly byte[] Style = Encoding.UTF8.GetBytes(DesignTokens.StyleSheet + Read("console.css"));

    public static readonly byte[] Script = Encoding.UTF8.GetBytes(Read("console.js"));

    public static readonly string StyleName = $"console.{Tag(Style)}.css";

    public static readonly string ScriptName = $"console.{Tag(Script)}.js";

    private static string Tag(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..12];

    private static string Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
