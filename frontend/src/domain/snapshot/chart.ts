/** Curves as a drawing of plain SVG: a snapshot has no program in it. */
import { escaped } from './markup'

export interface SnapshotCurve {
  name: string
  color: string
  dash: string
  xs: readonly number[]
  /** Null where there is no number: the line breaks there. */
  ys: readonly (number | null)[]
}

const WIDTH = 760
const HEIGHT = 260
const LEFT = 58
const BOTTOM = 24
const TOP = 8

export function chartSvg(curves: readonly SnapshotCurve[], label: string): string {
  const xs = curves.flatMap((curve) => curve.xs)
  const ys = curves.flatMap((curve) => curve.ys.filter((y) => y !== null))
  if (xs.length === 0 || ys.length === 0) return ''
  const [x0, x1] = extent(xs)
  const [y0, y1] = extent(ys)
  const px = (x: number) => LEFT + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - 8)
  const py = (y: number) => HEIGHT - BOTTOM - ((y - y0) / (y1 - y0 || 1)) * (HEIGHT - BOTTOM - TOP)
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = y0 + share * (y1 - y0)
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${fixed(py(y))}" y2="${fixed(py(y))}"/><text x="${LEFT - 6}" y="${fixed(py(y) + 4)}" text-anchor="end">${short(y)}</text>`
  })
  const marks = [0, 0.5, 1].map((share) => {
    const x = x0 + share * (x1 - x0)
    return `<text x="${fixed(px(x))}" y="${HEIGHT - 6}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${short(x)}</text>`
  })
  const paths = curves.map((curve) => {
    const d = pieces(curve).map((piece) => `M${piece.map(([x, y]) => `${fixed(px(x))} ${fixed(py(y))}`).join('L')}`).join('')
    return `<path d="${d}" stroke="${curve.color}" stroke-dasharray="${curve.dash}"><title>${escaped(curve.name)}</title></path>`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${lines.join('')}${marks.join('')}<g fill="none" stroke-width="1.6" stroke-linecap="round">${paths.join('')}</g></svg>`
}

function pieces({ xs, ys }: SnapshotCurve): [number, number][][] {
  const found: [number, number][][] = [[]]
  xs.forEach((x, i) => {
    const y = ys[i] ?? null
    if (y === null) found.push([])
    else found.at(-1)?.push([x, y])
  })
  // A lone point shows as a dot, because lines have round ends.
  return found.filter((piece) => piece.length > 0).map((piece) => (piece.length === 1 ? [...piece, ...piece] : piece))
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
}

function fixed(value: number): string {
  return value.toFixed(1)
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
