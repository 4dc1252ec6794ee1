using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>XML of configuration files, with the lines on which things stand.</summary>
internal static class XmlText
{
    public static XElement Parse(string text)
    {
        try
        {
            // Outside entities would read files of this machine; the documents need none.
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
        }
        catch (XmlException error)
        {
            throw new SchedulerException(Kernel.ErrorKind.Invalid,
                $"Line {error.LineNumber}, column {error.LinePosition}: the configuration is not well-formed XML: {error.Message}", error);
        }
    }

    public static int Line(XObject node) => ((IXmlLineInfo)node).LineNumber;

    public static string Text(XElement element) => element.Value.Trim();

    public static double Number(string text, int line, string what)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : throw Wrong(text, line, what, "a number");

    public static int Whole(string text, int line, string what)
        => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
            ? value : throw Wrong(text, line, what, "a whole number");

    public static bool Flag(string text, int line, string what)
        => bool.TryParse(text, out var value) ? value : throw Wrong(text, line, what, "true or false");

    public static SchedulerException Wrong(string text, int line, string what, string expected)
        => SchedulerException.Invalid($"Line {line}: {what} is '{text}'; expected {expected}.");
}
