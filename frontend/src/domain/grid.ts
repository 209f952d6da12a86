/** Tables of values by row and column: what stands out in them, and how they leave the page. */
import type { Direction } from './direction'

export interface Cell {
  value: number | null
  /** What is shown; the value itself unless said. */
  text: string
  /** Status of the runs behind it, when there is something to say about them. */
  status: string | null
  /** Page of the run behind it. */
  href: string | null
  /** Runs, spread, difference to a baseline: what is said about it on request. */
  note: string
  /** Best of its column; `solid` when its lead is larger than the spread. */
  mark: 'solid' | 'thin' | null
  /** Whether its run came to its end, so that its value may win or lose. */
  eligible: boolean
}

export interface Grid {
  corner: string
  rows: readonly string[]
  cols: readonly string[]
  cells: readonly (readonly (Cell | null)[])[]
}

export interface Place {
  row: number
  col: number
}

export interface Extremes {
  best: Place | null
  worst: Place | null
}

/**
 * The one best and the one worst cell of the shown columns. Only finite values of runs that came
 * to their end compete, and at least three of them; a value that two cells share names neither.
 */
export function extremes(grid: Grid, direction: Direction, shown: ReadonlySet<number>): Extremes {
  const found: { value: number; row: number; col: number }[] = []
  grid.cells.forEach((cells, row) =>
    cells.forEach((cell, col) => {
      if (cell?.eligible && cell.value !== null && Number.isFinite(cell.value) && shown.has(col)) found.push({ value: cell.value, row, col })
    }),
  )
  if (found.length < 3) return { best: null, worst: null }
  const low = single(found, Math.min(...found.map((cell) => cell.value)))
  const high = single(found, Math.max(...found.map((cell) => cell.value)))
  return direction === 'minimize' ? { best: low, worst: high } : { best: high, worst: low }
}

function single(found: readonly { value: number; row: number; col: number }[], value: number): Place | null {
  const at = found.filter((cell) => cell.value === value)
  const only = at.length === 1 ? at[0] : undefined
  return only ? { row: only.row, col: only.col } : null
}

/** The grid with the given columns only. */
export function withColumns(grid: Grid, shown: ReadonlySet<number>): Grid {
  const keep = <T>(items: readonly T[]) => items.filter((_, col) => shown.has(col))
  return { ...grid, cols: keep(grid.cols), cells: grid.cells.map(keep) }
}

function table(grid: Grid): string[][] {
  const body = grid.rows.map((row, i) => [row, ...(grid.cells[i] ?? []).map((cell) => cell?.text ?? '')])
  return [[grid.corner, ...grid.cols], ...body]
}

/** Comma-separated values of what is shown. */
export function toCsv(grid: Grid): string {
  return table(grid).map(csvLine).join('\r\n') + '\r\n'
}

/** One line of a file; texts that a spreadsheet would run as formulas are quoted by an apostrophe. */
export function csvLine(fields: readonly string[]): string {
  const field = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?!\d|\.\d|Infinity$)/.test(text) ? `'${text}` : text
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return fields.map(field).join(',')
}

export function toMarkdown(grid: Grid): string {
  const [head = [], ...body] = table(grid).map((row) => row.map((text) => text.replaceAll('|', '\\|')))
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...body.map(line)].join('\n')
}

export function toLatex(grid: Grid): string {
  const escaped = (text: string) => text.replace(/[&%$#_{}]/g, '\\$&').replaceAll('~', '\\textasciitilde{}').replaceAll('^', '\\textasciicircum{}')
  const [head = [], ...body] = table(grid).map((row) => row.map(escaped))
  const line = (row: readonly string[]) => `${row.join(' & ')} \\\\`
  return [`\\begin{tabular}{l${'r'.repeat(grid.cols.length)}}`, '\\toprule', line(head), '\\midrule', ...body.map(line), '\\bottomrule', '\\end{tabular}'].join('\n')
}
