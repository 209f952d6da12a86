/** Text inside markup and attributes. Names come from training scripts and must stay text. */
export function escaped(text: unknown): string {
  return String(text ?? '').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** Data inside a script element that no browser runs; it cannot end the element early. */
export function dataIsland(id: string, data: unknown): string {
  return `<script type="application/json" id="${escaped(id)}">${JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}</script>`
}

export function tableHtml(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (one: Cell) => (typeof one === 'string' ? `<td>${escaped(one)}</td>` : `<td class="${one.kind}">${escaped(one.text)}</td>`)
  return `<div class="scroll"><table><thead><tr>${head.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')}</tbody></table></div>`
}

export type Cell = string | { text: string; kind: 'best' | 'worst' | 'num' }
