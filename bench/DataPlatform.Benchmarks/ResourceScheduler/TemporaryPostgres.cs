using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>A PostgreSQL server of this run, from the machine's own binaries, durable as it comes.</summary>
internal sealed class TemporaryPostgres : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"scheduler-bench-pg-{Guid.NewGuid():N}");
    private readonly string _binaries;
    private readonly int _port;

    private TemporaryPostgres(string binaries)
    {
        _binaries = binaries;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres";

    /// <summary>Null where there are no binaries.</summary>
    public static async Task<TemporaryPostgres?> StartAsync()
    {
        var binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
                .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
            : null;
        if (binaries is null)
        {
            return null;
        }

        var server = new TemporaryPostgres(binaries);
        Directory.CreateDirectory(server._folder);
        if (Environment.UserName == "root")
        {
            await ShellAsync($"chown postgres {server._folder}");
        }

        await AsPostgresAsync($"{binaries}/initdb -D {server._folder}/data -A trust -U postgres -N");
        await AsPostgresAsync(
            $"{binaries}/pg_ctl -D {server._folder}/data -w -l {server._folder}/log -o '-p {server._port} -k {server._folder}' start");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await AsPostgresAsync($"{_binaries}/pg_ctl -D {_folder}/data -m immediate stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static Task AsPostgresAsync(string command)
        => ShellAsync(Environment.UserName == "root"
            ? $"runuser -u postgres -- sh -c \"{command} >/dev/null 2>&1\"" : $"{command} >/dev/null 2>&1");

    private static async Task ShellAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = "/tmp" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{command}' ended with {process.ExitCode}.");
        }
    }
}
