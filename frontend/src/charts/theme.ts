/** Chart colours per theme; canvas cannot read the style sheet's `light-dark()`. */
export interface ChartTheme {
  text: string
  line: string
  split: string
  surface: string
}

export function chartTheme(dark: boolean): ChartTheme {
  return dark
    ? { text: '#aab6c6', line: '#3d4b60', split: '#222c3a', surface: '#151c26' }
    : { text: '#465468', line: '#b9c2ce', split: '#e8ecf1', surface: '#ffffff' }
}
