using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Sqlite;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-db-").FullName;

    private string File => Path.Combine(_folder, "quality.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_that_is_none_of_ours_is_named()
    {
        System.IO.File.WriteAllText(File, "not a database, though long enough to be looked at as one by anybody who opens it");

        var error = Assert.Throws<QualityException>(() => QualityDatabase.Open(File));

        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_database_leaves_its_file_alone_and_may_be_used_again()
    {
        var database = QualityDatabase.Open(File);
        using (var lineage = new SqliteLineageStore(database))
        {
            Assert.Equal(["quality.db", "quality.db-shm", "quality.db-wal"], Files());
            database.Close();
            Assert.Equal(["quality.db"], Files());
            Assert.Empty(await new SqliteProfileStore(database).ListAsync("none", cancellationToken: TestContext.Current.CancellationToken));
        }

        database.Close();
        Assert.Equal(["quality.db"], Files());

        IEnumerable<string?> Files() => Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void A_file_of_a_newer_program_is_refused()
    {
        QualityDatabase.Open(File);
        Run("PRAGMA user_version = 99");

        Assert.Contains("99", Assert.Throws<QualityException>(() => QualityDatabase.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_left_as_it_was()
    {
        Run("CREATE TABLE orders (id INTEGER)");
        var before = System.IO.File.ReadAllBytes(File);

        var error = Assert.Throws<QualityException>(() => QualityDatabase.Open(File));

        Assert.Contains("something else", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task A_file_of_the_first_version_keeps_its_lineage_and_what_people_said()
    {
        Run(Schema.First + """
            INSERT INTO edge VALUES ('a', 'x', 'b', 'x', 0, 'j', 0, 0.8, 10, 20, NULL), ('m', 'x', 'b', 'x', 0, '', 3, 1, 10, 20, NULL);
            INSERT INTO denied VALUES ('q', 'x', 'r', 'x');
            INSERT INTO alert VALUES ('k', 'title', 2, 0, 'detail', 10, 20, 30, 1, NULL, 1);
            PRAGMA user_version = 1;
            """);

        var database = QualityDatabase.Open(File);
        var kept = await new SqliteLineageStore(database).LoadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new ColumnId("a", "x"), Assert.Single(kept.Edges).Edge.Source);
        Assert.Equal(
            [LineageAnnotationKind.Direct, LineageAnnotationKind.Denied],
            kept.Annotations.OrderBy(a => a.Source).Select(a => a.Kind));
        Assert.Equal(1, (await new SqliteAlertStore(database).FindAsync("k", TestContext.Current.CancellationToken))!.Revision);
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
