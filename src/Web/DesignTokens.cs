namespace DataPlatform.Web;

/// <summary>The colours, sizes and type that every page and chart uses, as CSS custom properties.</summary>
/// <remarks>Charts refer to the properties and never to a colour, so one document serves both colour schemes.</remarks>
public static class DesignTokens
{
    /// <summary>How many steps the sequential scale <c>--seq-0</c> to <c>--seq-6</c> has.</summary>
    public const int SequentialSteps = 7;

    /// <summary>How many categorical colours <c>--cat-0</c> to <c>--cat-5</c> there are.</summary>
    public const int CategoricalColours = 6;

    /// <summary>The style sheet: properties for light and dark, and the rules that pages and charts share.</summary>
    /// <remarks>Follows the reader's system; <c>data-theme="light"</c> or <c>"dark"</c> on the root element overrules it.</remarks>
    public const string StyleSheet =
        ":root{color-scheme:light dark;" + Light + "}" +
        "@media (prefers-color-scheme:dark){:root:not([data-theme=light]){" + Dark + "}}" +
        ":root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark;" + Dark + "}" + Rules;

    private const string Light = """
        --bg:#f7f8fa;--card:#fff;--ink:#1d2433;--ink-2:#5b6475;--line:#e0e3e9;--grid:#eceef2;--accent:#2f6fde;--accent-ink:#fff;
        --good:#1b8a5a;--warn:#b7791f;--bad:#c8372d;--wait:#8b93a3;--empty:#eef0f4;--skip:#8a55c8;--hover:#f0f3f9;--shadow:0 1px 2px #1d243312;
        --seq-0:#e4f0f6;--seq-1:#c3dfe8;--seq-2:#fdeec4;--seq-3:#fbd083;--seq-4:#f4a259;--seq-5:#df6b45;--seq-6:#a92e3a;
        --cat-0:#2f6fde;--cat-1:#d9722e;--cat-2:#1b8a5a;--cat-3:#8a55c8;--cat-4:#b0872b;--cat-5:#5b6475;
        --font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
        """;

    private const string Dark = """
        --bg:#12151c;--card:#1a1f29;--ink:#e7eaf0;--ink-2:#9aa4b5;--line:#2b3240;--grid:#252b37;--accent:#6ea0ff;--accent-ink:#0d1420;
        --good:#4cc38a;--warn:#e0b252;--bad:#ff7a6e;--wait:#727c8e;--empty:#262d39;--skip:#b78bee;--hover:#222936;--shadow:none;
        --seq-0:#22384a;--seq-1:#2c5566;--seq-2:#6b6038;--seq-3:#9a7434;--seq-4:#c2763a;--seq-5:#d95f45;--seq-6:#f0545b;
        --cat-0:#6ea0ff;--cat-1:#f0975b;--cat-2:#4cc38a;--cat-3:#b78bee;--cat-4:#d9b45c;--cat-5:#9aa4b5;
        """;

    private const string Rules = """
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 var(--font)}
        main{max-width:1120px;margin:0 auto;padding:24px 16px 64px}h1{font-size:26px;line-height:1.2;margin:8px 0 4px}h2{font-size:17px;margin:0 0 4px}
        p.lead{color:var(--ink-2);margin:0 0 20px}p.note{color:var(--ink-2);font-size:13px;margin:2px 0 10px}
        section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 16px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 16px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}.tile b{display:block;font-size:21px;font-variant-numeric:tabular-nums}
        .tile span{color:var(--ink-2);font-size:12.5px}.tile.good b{color:var(--good)}.tile.bad b{color:var(--bad)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
        th{color:var(--ink-2);font-weight:600;text-align:left;border-bottom:1px solid var(--line);padding:6px 10px;white-space:nowrap}
        td{border-bottom:1px solid var(--grid);padding:6px 10px}td.num,th.num{text-align:right}tr:last-child td{border-bottom:0}
        .badge{display:inline-block;border-radius:999px;padding:0 9px;font-size:12.5px;border:1px solid currentColor}.badge.good{color:var(--good)}
        .badge.warn{color:var(--warn)}.badge.bad{color:var(--bad)}.badge.wait{color:var(--wait)}
        svg.chart{display:block;width:100%;height:auto;font-family:var(--font)}svg.chart text{fill:var(--ink-2);font-size:11px}svg.chart text.strong{fill:var(--ink);font-weight:600}
        svg.chart .grid{stroke:var(--grid);stroke-width:1}svg.chart .axis{stroke:var(--line);stroke-width:1}
        """;
}
