/** Which rows of a long list are drawn: those in sight and some around them. */
export interface RowWindow {
  from: number
  to: number
  /** Room of the rows that are not drawn, pixels. */
  before: number
  after: number
}

/** Rows beyond the edges, so that scrolling meets drawn ones. */
const AROUND = 12

export function rowWindow(count: number, rowHeight: number, scrolled: number, height: number): RowWindow {
  const size = Math.max(1, rowHeight)
  const first = Math.floor(Math.max(0, scrolled) / size)
  const to = Math.min(count, first + Math.ceil(height / size) + AROUND)
  const from = Math.max(0, Math.min(first - AROUND, to - 2 * AROUND))
  return { from, to, before: from * size, after: (count - to) * size }
}
