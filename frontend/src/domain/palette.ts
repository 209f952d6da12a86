/** Series colours: distinguishable with colour-vision deficiencies, then told apart by dashes. */

const LIGHT = ['#0068b8', '#d9570b', '#00896a', '#c0459b', '#35a0d6', '#a97f00', '#5b43b5', '#5b6573']
const DARK = ['#56b4e9', '#ff9d4d', '#35c79b', '#e58ac8', '#8f9bff', '#f2dd5c', '#ff7b7b', '#c3cad5']
const DASHES: readonly (readonly number[] | 'solid')[] = ['solid', [6, 4], [2, 3], [10, 3, 2, 3]]

export interface Stroke {
  color: string
  dash: readonly number[] | 'solid'
}

/** Look of the series with running number `index`; repeats after 32. */
export function strokeOf(index: number, dark: boolean): Stroke {
  const colors = dark ? DARK : LIGHT
  return {
    color: colors[index % colors.length] ?? '#888888',
    dash: DASHES[Math.floor(index / colors.length) % DASHES.length] ?? 'solid',
  }
}
