using System.Reflection;

namespace DataPlatform.Quality.Web;

/// <summary>The style sheet that these pages add to the console's.</summary>
internal static class QualityStyle
{
    public static string Text { get; } = Read();

    private static string Read()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("quality.css")!);
        return reader.ReadToEnd();
    }
}
