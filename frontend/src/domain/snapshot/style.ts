/** The whole look of a snapshot. */
export const STYLE = `:root{color-scheme:light dark;--line:light-dark(#dfe4ea,#273243);--soft:light-dark(#eef1f5,#1d2633);--muted:light-dark(#465468,#aab6c6)}
body{margin:0;background:light-dark(#fff,#0d1219);color:light-dark(#141d2b,#e8edf4);font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:70rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.05rem;margin:2rem 0 .5rem}
.made,dt,figcaption{color:var(--muted);font-size:.85em}dl{display:flex;flex-wrap:wrap;gap:.75rem 2rem}dd{margin:0;font-weight:550}
pre{padding:.75rem;overflow:auto;border-radius:6px;background:var(--soft);font-size:.85em;white-space:pre-wrap}.log{max-height:30rem}.error{color:#d33a46}.warn,.warning{color:#b06f00}
.scroll{overflow:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.3rem .75rem;border-bottom:1px solid var(--line);text-align:start;overflow-wrap:normal}
td.num,td.best,td.worst{text-align:end}td.best{font-weight:650;box-shadow:inset 0 0 0 2px #1a9b5c;border-radius:6px}td.worst{box-shadow:inset 0 0 0 1px #d33a46;border-radius:6px}
.chart{margin:0 0 1rem}svg{width:100%;height:auto}svg text{fill:var(--muted);font-size:11px}.grid{stroke:var(--line)}figure img{max-width:100%}.notes{white-space:pre-line}`
