using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace DataPlatform.TestKit.Postgres;

/// <summary>A real PostgreSQL of this test run: Debian's binaries, a data folder of its own, a free port. Says so loudly when there are
/// none. Test projects that need it compile this file, so that the others carry no database driver.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dataplatform-pg-{Guid.NewGuid():N}");
    private string? _binaries;
    private int _port;

    public string? SkipReason { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _binaries = Find() ?? await InstallAsync();
        if (_binaries is null)
        {
            SkipReason = "no PostgreSQL server on this machine and none could be installed: apt-get install -y postgresql";
            Console.WriteLine($"SKIPPED: {SkipReason}");
            return;
        }

        Directory.CreateDirectory(_folder);
        await AsPostgresAsync($"chmod 700 {_folder}", owner: true);
        _port = FreePort();
        await AsPostgresAsync($"{_binaries}/initdb -D {_folder}/data -A trust -U postgres -N");
        await AsPostgresAsync(
            $"{_binaries}/pg_ctl -D {_folder}/data -w -l {_folder}/log -o '-p {_port} -k {_folder} -c max_connections=200 -c track_commit_timestamp=on' start");
    }

    public async Task<string> NewDatabaseAsync(string name)
    {
        await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = admin.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_binaries is null)
        {
            return;
        }

        await AsPostgresAsync($"{_binaries}/pg_ctl -D {_folder}/data -m immediate stop");
        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Timeout=10";

    private static string? Find() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
        : null;

    private static async Task<string?> InstallAsync()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/apt-get"))
        {
            return null;
        }

        await ShellAsync("DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql >/dev/null 2>&1 || true");
        return Find();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The server refuses to run as root.</summary>
    private async Task AsPostgresAsync(string command, bool owner = false)
    {
        var isRoot = Environment.UserName == "root";
        if (owner && isRoot)
        {
            await ShellAsync($"chown postgres {_folder}");
        }

        await ShellAsync(isRoot ? $"runuser -u postgres -- sh -c \"{command} >/dev/null 2>&1\"" : $"{command} >/dev/null 2>&1");
    }

    private static async Task ShellAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = "/tmp" })!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"'{command}' ended with {process.ExitCode}.");
    }
}
