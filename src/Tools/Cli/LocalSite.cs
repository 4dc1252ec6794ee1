using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tools.Cli;

/// <summary>A site that a command serves to this machine alone until it is stopped.</summary>
internal static class LocalSite
{
    private const int PortMax = 65_535;

    /// <summary>The option of the port.</summary>
    public static Option<int> PortOption(int usual) => new("--port")
    {
        Description = "The port on this machine; 0 for a free one.",
        DefaultValueFactory = _ => usual,
    };

    /// <summary>Serves until it is stopped.</summary>
    /// <param name="port">The port.</param>
    /// <param name="path">Where its first page or route is, for example <c>/dags/</c>.</param>
    /// <param name="services">Adds what it needs.</param>
    /// <param name="map">Maps its routes.</param>
    /// <param name="output">Told its address once it is served.</param>
    /// <param name="facts">What else to tell.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task ServeAsync(
        int port, string path, Action<IServiceCollection> services, Action<WebApplication> map, CommandOutput output,
        IEnumerable<(string Name, object? Value)> facts, CancellationToken cancellationToken)
    {
        if (port is < 0 or > PortMax)
        {
            throw new ArgumentException($"--port takes 0 to {PortMax}, not {port}.");
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        services(builder.Services);
        await using var site = builder.Build();
        site.Urls.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        map(site);
        await StartAsync(site, port, cancellationToken);
        output.Properties([("address", site.Urls.Single() + path), .. facts]);
        output.Note("Ctrl+C ends it.");
        await site.WaitForShutdownAsync(cancellationToken);
    }

    private static async Task StartAsync(WebApplication site, int port, CancellationToken cancellationToken)
    {
        try
        {
            await site.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandException(ErrorKind.Unavailable, $"Port {port} cannot be served: {e.Message} Give another with --port, or 0 for a free one.", e);
        }
    }
}
