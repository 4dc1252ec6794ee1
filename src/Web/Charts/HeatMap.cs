namespace DataPlatform.Web.Charts;

/// <summary>One value per row and column, as colour.</summary>
public sealed record HeatMap
{
    private const double Width = 760;
    private const double Top = 8;
    private const double CharacterWidth = 7.3;
    private const double LabelCharacterWidth = 6.2;
    private const double RowHeight = 17;
    private const double LegendHeight = 40;

    /// <summary>What the chart shows, for readers who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>Width of the row labels, 0 to 400; 52 unless said otherwise: a word.</summary>
    public double LabelWidth { get; init; } = 52;

    /// <summary>The unit of the values.</summary>
    public required string Unit { get; init; }

    /// <summary>Row labels, top to bottom.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>Column labels, left to right.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>What the columns are, below the chart.</summary>
    public string ColumnTitle { get; init; } = string.Empty;

    /// <summary>Values by row and column; null where there is none.</summary>
    public required IReadOnlyList<IReadOnlyList<double?>> Values { get; init; }

    /// <summary>Where cells lead, by row and column; null for nowhere, empty when none leads anywhere.</summary>
    public IReadOnlyList<IReadOnlyList<string?>> Links { get; init; } = [];

    /// <summary>
    /// The lower bounds of colour steps 1 to 6; a value below the first has step 0. Growing, <see cref="DesignTokens.SequentialSteps"/> - 1 of them.
    /// </summary>
    public required IReadOnlyList<double> Bounds { get; init; }

    /// <summary>Draws the chart.</summary>
    /// <returns>An SVG element.</returns>
    public string Render()
    {
        var height = Top + (Rows.Count * RowHeight) + 20 + LegendHeight;
        var canvas = new SvgCanvas(Width, height, Title, hasLinks: Links.Count > 0);
        var cell = (Width - LabelWidth) / Math.Max(1, Columns.Count);
        for (var row = 0; row < Rows.Count; row++)
        {
            canvas.Text(LabelWidth - 6, Top + (row * RowHeight) + 12, Shortened(Rows[row]), "end", "strong");
            for (var column = 0; column < Columns.Count; column++)
            {
                DrawCell(canvas, row, column, cell);
            }
        }

        DrawColumnLabels(canvas, cell, Top + (Rows.Count * RowHeight) + 13);
        DrawLegend(canvas, height - 20);
        return canvas.Close();
    }

    private void DrawCell(SvgCanvas canvas, int row, int column, double cell)
    {
        var value = Values[row][column];
        var tip = $"{Rows[row]}, {ColumnTitle} {Columns[column]}: {(value is { } known ? $"{known.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)} {Unit}" : "no data")}";
        var link = Links.Count > 0 ? Links[row][column] : null;
        canvas.BeginLink(link, tip);
        canvas.Rectangle(
            LabelWidth + (column * cell), Top + (row * RowHeight), Math.Max(0.5, cell - 1), RowHeight - 1, value is { } v ? $"var(--seq-{StepOf(v)})" : "var(--empty)", tip, 1.5);
        canvas.EndLink(link);
    }

    private string Shortened(string label)
    {
        var lengthMax = (int)(LabelWidth / CharacterWidth);
        return label.Length <= lengthMax ? label : label[..Math.Max(1, lengthMax - 1)] + "…";
    }

    private int StepOf(double value)
    {
        var step = 0;
        while (step < Bounds.Count && value >= Bounds[step])
        {
            step++;
        }

        return Math.Min(step, DesignTokens.SequentialSteps - 1);
    }

    private void DrawColumnLabels(SvgCanvas canvas, double cell, double y)
    {
        var widest = Columns.Select(label => label.Length).DefaultIfEmpty().Max();
        var every = (int)Math.Max(1, Math.Ceiling(((widest * LabelCharacterWidth) + 8) / cell));
        for (var column = 0; column < Columns.Count; column += every)
        {
            canvas.Text(LabelWidth + ((column + 0.5) * cell), y, Columns[column], "middle");
        }
    }

    private void DrawLegend(SvgCanvas canvas, double y)
    {
        canvas.Text(LabelWidth, y + 10, ColumnTitle);
        var x = Width - (DesignTokens.SequentialSteps * 46) - (Unit.Length * LabelCharacterWidth) - 10;
        for (var step = 0; step < DesignTokens.SequentialSteps; step++)
        {
            canvas.Rectangle(x + (step * 46), y, 45, 8, $"var(--seq-{step})");
            if (step > 0)
            {
                canvas.Text(x + (step * 46), y + 18, AxisScale.Label(Bounds[step - 1]), "middle");
            }
        }

        canvas.Text(Width - 2, y + 9, Unit, "end");
    }
}
