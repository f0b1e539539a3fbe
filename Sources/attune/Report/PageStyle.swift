/// The look of the pages that Attune writes: light and dark, as the reader's system asks for.
enum PageStyle {
  static let css = """
    :root{--ink:#1c2430;--quiet:#5b6675;--line:#dfe4ea;--paper:#f6f7f9;--card:#fff;
    --c0:#2563c9;--c1:#c8650a;--c2:#1f8a54;--c3:#8145c4;--c4:#c23a55;--c5:#0e8585;--c6:#7d6137;--c7:#5b6675}
    @media(prefers-color-scheme:dark){:root{--ink:#e7ebf1;--quiet:#9aa6b5;--line:#2f3947;--paper:#12171e;--card:#1a212b;
    --c0:#6ea4ff;--c1:#f0a04b;--c2:#5cc98f;--c3:#bb8cf2;--c4:#f0798f;--c5:#4fc4c4;--c6:#c7a874;--c7:#9aa6b5}}
    *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
    main{max-width:980px;margin:0 auto;padding:32px 20px 48px}h1{font-size:26px;line-height:1.2;margin:0 0 6px;
    letter-spacing:-.01em}h2{font-size:18px;margin:28px 0 8px}.lead{font-size:17px;margin:0 0 16px}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0;font-size:13px;color:var(--quiet)}
    dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}code{font:12px/1.5 ui-monospace,Menlo,Consolas,monospace}code span{white-space:nowrap}
    .legend{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;padding:0;margin:20px 0 8px;font-weight:600}
    .legend span{font-weight:400;color:var(--quiet);font-size:13px}
    i.s0,i.s1,i.s2,i.s3,i.s4,i.s5,i.s6,i.s7{display:inline-block;width:10px;height:10px;border-radius:50%;
    background:currentColor;margin-right:7px}
    .wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;margin:0 0 16px}
    table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
    th,td{padding:7px 10px;text-align:right;white-space:nowrap}th:first-child,td:first-child{text-align:left}
    thead th{color:var(--quiet);font-weight:600;border-bottom:1px solid var(--line)}
    tbody tr+tr>*{border-top:1px solid var(--line)}td small{display:block;color:var(--quiet);font-size:11px}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px 10px}
    figure.full{grid-column:1/-1}figcaption{font-size:13px;color:var(--quiet);margin-bottom:6px}
    figcaption b{display:block;color:var(--ink);font-size:15px}svg{display:block;width:100%;height:auto}
    svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
    svg .tick{font-size:11px;fill:var(--quiet)}svg .number{font-variant-numeric:tabular-nums}
    svg .grid{stroke:var(--line)}svg .zero{stroke:var(--quiet);stroke-width:1.5}
    .s0{color:var(--c0)}.s1{color:var(--c1)}.s2{color:var(--c2)}.s3{color:var(--c3)}
    .s4{color:var(--c4)}.s5{color:var(--c5)}.s6{color:var(--c6)}.s7{color:var(--c7)}
    svg .dot{fill:currentColor}svg .whisker{stroke:currentColor;stroke-width:2;stroke-linecap:round}
    svg .curve{fill:none;stroke:currentColor;stroke-width:2}svg .band{fill:currentColor;opacity:.13}
    footer{margin-top:20px;font-size:12px;color:var(--quiet)}
    @media print{body{background:#fff}figure,.wide{break-inside:avoid}}
    """
}
